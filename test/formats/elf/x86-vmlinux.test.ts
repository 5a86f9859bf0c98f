import { describe, expect, it } from 'vitest';
import { ET_DYN, ET_EXEC } from '../../../src/formats/elf/format.js';
import { writeHeaders } from '../../../src/formats/elf/program-headers.js';
import { isX86Vmlinux, parseX86Vmlinux } from '../../../src/formats/elf/x86-vmlinux.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';

const LOAD = {
  type: 1,
  flags: 5,
  offset: 0x1000n,
  virtualAddress: 0xffff_ffff_8100_0000n,
  physicalAddress: 0x100_0000n,
  fileSize: 0x800n,
  memorySize: 0x1000n,
  alignment: 0x20_0000n,
};

function build(type: number, machine: number, fileSize = LOAD.fileSize): Uint8Array {
  const programHeaders = [{ ...LOAD, fileSize }];
  return writeHeaders({ type, machine, entry: 0x100_0000n, programHeaders }, 0x1800);
}

describe('a vmlinux for x86_64', () => {
  it('is parsed', () => {
    const file = build(ET_EXEC, 62);
    expect(isX86Vmlinux(file)).toBe(true);
    expect(parseX86Vmlinux(file)).toEqual({ entry: 0x100_0000n, loads: [LOAD] });
  });

  it('differs from one for another architecture', () => {
    expect(isX86Vmlinux(build(ET_EXEC, 183))).toBe(false);
    expect(isX86Vmlinux(new Uint8Array(10))).toBe(false);
  });

  it.each([
    ['a library', build(ET_DYN, 62)],
    ['a PT_LOAD that leaves the file', build(ET_EXEC, 62, 0x801n)],
    ['one that is cut short', build(ET_EXEC, 62).subarray(0, 70)],
  ])('%s is refused', (_, file) => {
    expect(catchRefusal(() => parseX86Vmlinux(file))).toMatchObject({ check: 'vmlinux', errno: 'ENOEXEC' });
  });

  it('ends in a value or a refusal, whatever bit is flipped', () => {
    for (const bytes of flipEachBit(build(ET_EXEC, 62), 120)) catchRefusal(() => parseX86Vmlinux(bytes));
  });
});
