import { expect, it } from 'vitest';
import { listFacts } from '../../../support/doctor.js';
import { readX86Files, recordX86 } from '../../../support/x86-machine.js';

const name = 'x86-64-ovmf';
const { 'boot-params': bootParams = new Uint8Array(0) } = readX86Files(name);

/** @param mode - what the EFI stub found of Secure Boot: 0 is nothing, 2 is off, 3 is on */
const imaOf = (mode: number) =>
  listFacts(
    'ima',
    recordX86(name, { 'boot-params': bootParams.map((byte, at) => (at === 0x1ec ? mode : byte)) }),
  );

it("IMA's arch policy makes signatures binding, as the EFI stub of x86_64 found Secure Boot", () => {
  expect(imaOf(3)).toContain(
    'warns both: Secure Boot is on, and the running kernel has CONFIG_IMA_ARCH_POLICY',
  );
  expect(imaOf(2).join()).not.toContain('CONFIG_IMA_ARCH_POLICY');
  expect(imaOf(0)).toContain(
    'unknown both: the running kernel has CONFIG_IMA_ARCH_POLICY; whether Secure Boot is on is not known',
  );
});

it('a machine without UEFI has no Secure Boot that could be unknown', () => {
  expect(listFacts('ima', recordX86('x86-64-seabios')).join()).not.toContain('CONFIG_IMA_ARCH_POLICY');
});
