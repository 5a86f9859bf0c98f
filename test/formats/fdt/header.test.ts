import { describe, expect, it } from 'vitest';
import { parseFdtHeader } from '../../../src/formats/fdt/header.js';
import { BEGIN, blob, END, END_NODE, FIELD, withField } from './blob.js';

const EMPTY = blob({
  structure: [BEGIN, '', END_NODE, END],
  strings: 'reg\0',
  header: { [FIELD.bootCpu]: 3 },
});

describe('parseFdtHeader', () => {
  it('reads the fields', () => {
    expect(parseFdtHeader(EMPTY)).toEqual({
      totalSize: 76,
      structureOffset: 56,
      structureSize: 16,
      stringsOffset: 72,
      stringsSize: 4,
      reservationsOffset: 40,
      version: 17,
      lastCompatibleVersion: 16,
      bootCpu: 3,
    });
  });

  it('reads no size_dt_struct in version 16, whose header ends before it', () => {
    const v16 = withField(withField(EMPTY, FIELD.version, 16), FIELD.structureSize, 0xffff_ffff);
    expect(parseFdtHeader(v16).structureSize).toBeUndefined();
  });

  it('reads later versions that are compatible with 17', () => {
    const v18 = withField(withField(EMPTY, FIELD.version, 18), FIELD.lastCompatibleVersion, 17);
    expect(parseFdtHeader(v18).version).toBe(18);
  });

  it('ignores bytes after the blob', () => {
    const longer = new Uint8Array(EMPTY.length + 100).fill(0xff);
    longer.set(EMPTY);
    expect(parseFdtHeader(longer)).toEqual(parseFdtHeader(EMPTY));
  });

  it.each([
    ['no bytes', new Uint8Array(0)],
    ['39 bytes of a header', EMPTY.subarray(0, 39)],
    ['another magic', withField(EMPTY, FIELD.magic, 0xedfe0dd0)],
    ['version 15', withField(EMPTY, FIELD.version, 15)],
    ['a version that only readers of 18 know', withField(withField(EMPTY, 5, 18), 6, 18)],
    ['a version older than the one it is compatible with', withField(withField(EMPTY, 5, 16), 6, 17)],
    ['a totalsize within the header', withField(EMPTY, FIELD.totalSize, 39)],
    ['a totalsize beyond the file', withField(EMPTY, FIELD.totalSize, 77)],
    ['a structure block within the header', withField(EMPTY, FIELD.structureOffset, 36)],
    ['a structure block after the blob', withField(EMPTY, FIELD.structureOffset, 80)],
    ['a structure block at no multiple of 4', withField(EMPTY, FIELD.structureOffset, 58)],
    ['a structure block that leaves the blob', withField(EMPTY, FIELD.structureSize, 24)],
    ['a structure block of 4 GiB', withField(EMPTY, FIELD.structureSize, 0xffff_ffff)],
    ['a strings block that leaves the blob', withField(EMPTY, FIELD.stringsSize, 5)],
    ['a strings block at the end of 32 bits', withField(EMPTY, FIELD.stringsOffset, 0xffff_ffff)],
    ['a reservation block within the header', withField(EMPTY, FIELD.reservationsOffset, 32)],
    ['a reservation block at no multiple of 8', withField(EMPTY, FIELD.reservationsOffset, 44)],
    ['a reservation block after the blob', withField(EMPTY, FIELD.reservationsOffset, 80)],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseFdtHeader(bytes)).toThrow(
      expect.objectContaining({ check: 'dtb-header', errno: 'EINVAL' }),
    );
  });
});
