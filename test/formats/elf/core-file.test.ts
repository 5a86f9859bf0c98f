import { describe, expect, it } from 'vitest';
import { type ByteSource, createByteSource } from '../../../src/base/byte-source.js';
import { readCoreHeaders } from '../../../src/formats/elf/core-file.js';
import { ET_CORE, PF_RWX, PT_LOAD, PT_NOTE } from '../../../src/formats/elf/format.js';
import { headersSize, type ProgramHeader, writeHeaders } from '../../../src/formats/elf/program-headers.js';
import { ElfMemory } from '../../../src/vmcore/open/elf-memory.js';
import { catchRefusal } from '../../support/hostile.js';

const load = (index: number): ProgramHeader => ({
  type: PT_LOAD,
  flags: PF_RWX,
  offset: 0x1000000n + BigInt(index) * 0x1000n,
  virtualAddress: 0n,
  physicalAddress: BigInt(index) * 0x2000n,
  fileSize: 0x1000n,
  memorySize: 0x1000n,
  alignment: 0n,
});

/** A core file of so many PT_LOADs, their number where PN_XNUM has it. */
function manyHeaders(count: number): Uint8Array {
  const size = headersSize(count);
  const bytes = new Uint8Array(size + 64);
  bytes.set(
    writeHeaders(
      { type: ET_CORE, entry: 0n, programHeaders: Array.from({ length: count }, (_, index) => load(index)) },
      size,
    ),
  );
  const view = new DataView(bytes.buffer);
  view.setUint16(56, 0xffff, true);
  view.setBigUint64(40, BigInt(size), true);
  view.setUint32(size + 44, count, true);
  return bytes;
}

describe('program headers', () => {
  it('have their number in the first section header beyond 65534', () => {
    const headers = readCoreHeaders(createByteSource(manyHeaders(70_000)));
    expect(headers).toHaveLength(70_000);
    expect(headers.at(-1)).toEqual(load(69_999));
  });

  it('are refused if they leave the file or are missing', () => {
    const bytes = manyHeaders(70_000);
    const refused = (change: (view: DataView) => void) => {
      const changed = new Uint8Array(bytes);
      change(new DataView(changed.buffer));
      return catchRefusal(() => readCoreHeaders(createByteSource(changed)));
    };
    const refusal = { errno: 'EINVAL', check: 'elf-core' };
    const count = headersSize(70_000) + 44;
    expect(refused((view) => view.setUint32(count, 0xffffffff, true))).toMatchObject(refusal);
    expect(refused((view) => view.setUint32(count, 71_000, true))).toMatchObject(refusal);
    expect(refused((view) => view.setUint32(count, 0, true))).toMatchObject(refusal);
    expect(refused((view) => view.setBigUint64(40, 0n, true))).toMatchObject(refusal);
    expect(refused((view) => view.setBigUint64(40, (1n << 64n) - 1n, true))).toMatchObject(refusal);
  });

  it('of a vmcore larger than memory are read without the rest', () => {
    const asked: bigint[] = [];
    const header = writeHeaders(
      {
        type: ET_CORE,
        entry: 0n,
        programHeaders: [
          { ...load(0), type: PT_NOTE },
          { ...load(1), fileSize: 1n << 45n, memorySize: 1n << 45n },
        ],
      },
      headersSize(2),
    );
    const source: ByteSource = {
      size: 1n << 46n,
      read(offset, length) {
        asked.push(offset + BigInt(length));
        return offset < header.length
          ? header.slice(Number(offset), Number(offset) + length)
          : new Uint8Array(length).fill(7);
      },
    };
    const [, memory] = readCoreHeaders(source);
    expect(asked.every((end) => end <= header.length)).toBe(true);
    expect(
      new ElfMemory(source, memory === undefined ? [] : [memory]).read(0x2000n + (1n << 44n), 3),
    ).toEqual(new Uint8Array([7, 7, 7]));
  });
});

describe('memory of PT_LOADs', () => {
  const bytes = Uint8Array.from({ length: 0x3000 }, (_, index) => index >> 8);
  const piece = (
    physicalAddress: bigint,
    offset: bigint,
    fileSize: bigint,
    memorySize = fileSize,
  ): ProgramHeader => ({ ...load(0), physicalAddress, offset, fileSize, memorySize });

  it('is read across PT_LOADs that touch, overlap, or lie partly outside the file', () => {
    const memory = new ElfMemory(createByteSource(bytes), [
      piece(0x3000n, 0x2000n, 0x800n, 0x1000n),
      piece(0x1000n, 0x0n, 0x1000n),
      piece(0x1800n, 0x800n, 0x400n),
      piece(0x2000n, 0x1000n, 0x1000n),
    ]);
    expect(memory.ranges()).toEqual([
      { start: 0x1000n, end: 0x2000n, present: 0x1000n },
      { start: 0x2000n, end: 0x3000n, present: 0x1000n },
      { start: 0x3000n, end: 0x4000n, present: 0x800n },
    ]);
    const all = memory.read(0x1000n, 0x3000);
    expect(all.subarray(0, 0x2800)).toEqual(bytes.subarray(0, 0x2800));
    expect(all.subarray(0x2800).every((byte) => byte === 0)).toBe(true);
    expect(catchRefusal(() => memory.read(0x3fffn, 2))).toMatchObject({
      errno: 'EFAULT',
      check: 'dump-memory',
    });
    expect(catchRefusal(() => memory.read(0xfffn, 2))).toMatchObject({
      errno: 'EFAULT',
      check: 'dump-memory',
    });
  });

  it('beyond the end of the file is refused as cut off', () => {
    const memory = new ElfMemory(createByteSource(bytes), [piece(0n, 0x2800n, 0x1000n)]);
    expect(memory.ranges()).toEqual([{ start: 0n, end: 0x1000n, present: 0x800n }]);
    expect(memory.read(0x7ffn, 1)).toEqual(new Uint8Array([0x2f]));
    expect(catchRefusal(() => memory.read(0x7ffn, 2))).toMatchObject({
      errno: 'ENODATA',
      check: 'dump-memory',
    });
  });
});
