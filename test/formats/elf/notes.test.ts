import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNotes } from '../../../src/formats/elf/notes.js';
import { catchRefusal } from '../../support/hostile.js';

/** A note as `readelf -n` shows it: name "CORE", type 1, 5 bytes; then VMCOREINFO, type 0, 4 bytes. */
const NOTES = Buffer.concat([
  Buffer.from([5, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0]),
  Buffer.from('CORE\0\0\0\0'),
  Buffer.from([1, 2, 3, 4, 5, 0, 0, 0]),
  Buffer.from([11, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]),
  Buffer.from('VMCOREINFO\0\0'),
  Buffer.from('A=1\n'),
]);

describe('parseNotes', () => {
  it('reads names, types and descriptors without padding', () => {
    const notes = parseNotes(NOTES);
    expect(notes.map(({ name, type }) => [name, type])).toEqual([
      ['CORE', 1],
      ['VMCOREINFO', 0],
    ]);
    expect(notes.map(({ descriptor }) => Array.from(descriptor))).toEqual([
      [1, 2, 3, 4, 5],
      [0x41, 0x3d, 0x31, 0x0a],
    ]);
  });

  it('ends at zeros', () => {
    expect(parseNotes(Buffer.concat([NOTES, Buffer.alloc(100)]))).toHaveLength(2);
  });

  it('refuses notes that leave the bytes', () => {
    for (const length of [13, 20, 24, 50, NOTES.length - 1]) {
      expect(catchRefusal(() => parseNotes(NOTES.subarray(0, length)))?.check).toBe('elf-core');
    }
    const endless = Uint8Array.from(NOTES).fill(0xff, 0, 8);
    expect(catchRefusal(() => parseNotes(endless))?.check).toBe('elf-core');
  });

  it('reads or refuses any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(catchRefusal(() => parseNotes(bytes))?.check ?? 'elf-core').toBe('elf-core');
      }),
    );
  });
});
