import { describe, expect, it } from 'vitest';
import type { X86Machine } from '../../../../src/machine/x86-64/x86-machine.js';
import { buildBzimage } from '../../../support/bzimage.js';
import { listFacts } from '../../../support/doctor.js';
import { recordX86 } from '../../../support/x86-machine.js';

const ovmf = recordX86('x86-64-ovmf');
const with32 = (facts: Partial<X86Machine> = {}) => ({
  ...ovmf,
  efi: { platformSize: 32 as const },
  ...facts,
});
const handOver = (machine: X86Machine) =>
  listFacts('firmware', machine).filter((fact) => fact.includes('next kernel gets'));

describe('a 64-bit kernel on 32-bit firmware', () => {
  it('loads no kernel as long as it uses runtime services', () => {
    expect(listFacts('firmware', with32())[0]).toBe(
      'stops both: the firmware is 32-bit, the kernel 64-bit, and EFI runtime services are in use',
    );
    const facts = listFacts('firmware', with32({ commandLine: 'efi=noruntime' }));
    expect(facts).toContain(
      'fine both: the firmware is 32-bit, and the kernel leaves its runtime services alone (efi=noruntime)',
    );
    expect(facts.join()).not.toContain('stops');
  });

  it('is one finding with a kernel, too', () => {
    const subject = { kernel: buildBzimage() };
    expect(listFacts('load', with32(), subject)[0]).toMatch(
      /^stops kexec: the load is refused: ENOEXEC \(bzimage-firmware\)/,
    );
    expect(listFacts('firmware', with32(), subject).join()).not.toContain('stops');
  });

  it('is no matter with 64-bit firmware', () => {
    expect(listFacts('firmware', ovmf).join()).not.toContain('32-bit');
  });
});

describe('what the next kernel gets of UEFI', () => {
  it('is all, or nothing', () => {
    expect(handOver(ovmf)).toEqual([]);
    expect(handOver({ ...ovmf, commandLine: 'quiet noefi' })).toEqual([
      'warns both: the next kernel gets nothing of UEFI: the running kernel leaves its runtime services alone (noefi)',
    ]);
    // As after a kexec from a kernel without runtime services.
    const bootParams = ovmf.x86.bootParams?.slice().fill(0, 0x1d0, 0x1d8);
    expect(handOver({ ...ovmf, x86: { ...ovmf.x86, ...(bootParams && { bootParams }) } })).toEqual([
      "warns both: the next kernel gets nothing of UEFI: the running kernel was entered without UEFI's memory map",
    ]);
  });

  it('is unknown without boot_params', () => {
    const facts = listFacts('firmware', recordX86('x86-64-ovmf', { 'boot-params': undefined }));
    expect(facts).toContainEqual(expect.stringMatching(/^unknown both: whether the next kernel gets UEFI's/));
  });

  it('is nothing to miss on a machine without UEFI', () => {
    expect(handOver({ ...recordX86('x86-64-seabios'), commandLine: 'noefi' })).toEqual([]);
  });
});
