import { describe, expect, it } from 'vitest';
import { BoundedBytes, concatenate } from '../../../../src/base/bytes.js';
import { overlaps, rangeOf } from '../../../../src/base/range.js';
import { KIB, MIB } from '../../../../src/base/u64.js';
import { readProgramHeaders } from '../../../../src/formats/elf/program-headers.js';
import { getSegmentRange, type Kimage } from '../../../../src/kexec/kimage.js';
import { buildPvhElf } from '../../../../src/kexec/x86-64/pvh/pvh-elf.js';

const PT_LOAD = 1;
const PT_NOTE = 4;

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

const KIMAGE: Kimage = {
  type: 'default',
  entry: 0x7f0_0123n,
  segments: [
    { name: 'purgatory', mem: 0x7f0_0000n, memsz: 0x9000n, bytes: bytes(0x3001, 1) },
    { name: 'kernel', mem: 0x100_0000n, memsz: 2n * MIB, bytes: bytes(0x4000, 2) },
    { name: 'initrd', mem: 0x50_0000n, memsz: 0x1000n, bytes: bytes(0x1000, 3) },
  ],
};
const MEMORY = [{ start: MIB, end: 128n * MIB }];

function read(kimage: Kimage) {
  const file = concatenate(buildPvhElf(kimage, MEMORY));
  const bounded = new BoundedBytes(file, {
    check: 'elf-header',
    errno: 'ENOEXEC',
    what: 'the file',
  });
  const headers = readProgramHeaders(bounded);
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  return { file, view: new DataView(file.buffer), headers, loads };
}

describe('buildPvhElf', () => {
  it('holds each segment elsewhere, with the place where it belongs', () => {
    const { file, view, loads } = read(KIMAGE);
    const entry = view.getBigUint64(24, true);
    const own = loads.find(({ physicalAddress }) => physicalAddress === entry);
    const list = Number(own?.offset) + 512;
    for (const [index, segment] of KIMAGE.segments.entries()) {
      const [staged, mem, bufsz, memsz] = [0, 8, 16, 24].map((at) =>
        view.getBigUint64(list + index * 32 + at, true),
      );
      expect([mem, bufsz, memsz]).toEqual([segment.mem, BigInt(segment.bytes.length), segment.memsz]);
      const load = loads.find(({ physicalAddress }) => physicalAddress === staged);
      const offset = Number(load?.offset);
      expect(file.subarray(offset, offset + segment.bytes.length)).toEqual(segment.bytes);
    }
    expect(view.getBigUint64(list + KIMAGE.segments.length * 32 + 24, true)).toBe(0n);
  });

  it('keeps apart what it holds and where that belongs', () => {
    const { loads } = read(KIMAGE);
    const held = loads.map(({ physicalAddress, memorySize }) => rangeOf(physicalAddress, memorySize));
    const all = [...held, ...KIMAGE.segments.map(getSegmentRange)];
    for (const [index, one] of all.entries()) {
      expect(all.slice(index + 1).filter((other) => overlaps(one, other))).toEqual([]);
    }
    expect(held.every(({ start, end }) => start >= MIB && end <= 128n * MIB)).toBe(true);
  });

  it("has Xen's note with the entry in 32-bit mode, and the kimage's entry among its parameters", () => {
    const { file, view, headers, loads } = read(KIMAGE);
    const note = headers.find(({ type }) => type === PT_NOTE);
    const at = Number(note?.offset);
    const entry = view.getBigUint64(24, true);
    expect([0, 4, 8].map((offset) => view.getUint32(at + offset, true))).toEqual([4, 8, 18]);
    expect(new TextDecoder().decode(file.subarray(at + 12, at + 16))).toBe('Xen\0');
    expect(view.getBigUint64(at + 16, true)).toBe(entry);
    expect(view.getUint16(18, true)).toBe(62);
    const own = Number(loads.find(({ physicalAddress }) => physicalAddress === entry)?.offset);
    expect(view.getUint32(own + 1, true)).toBe(Number(entry));
    expect(view.getBigUint64(own + 16, true)).toBe(KIMAGE.entry);
  });

  it('refuses if RAM has no room for the segments twice', () => {
    expect(() => buildPvhElf(KIMAGE, [{ start: MIB, end: MIB + 8n * KIB }])).toThrow(
      expect.objectContaining({ check: 'segment-hole', errno: 'EADDRNOTAVAIL' }),
    );
  });
});
