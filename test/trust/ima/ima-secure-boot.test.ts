import { describe, expect, it } from 'vitest';
import { findNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { encodeU32 } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { readImaSecureBoot } from '../../../src/trust/ima/ima-secure-boot.js';
import { buildMachine, buildSmallDeviceTree, type TestFacts } from '../../support/machine.js';
import { recordX86 } from '../../support/x86-machine.js';

const variable = (value: number): TestFacts => ({
  efiVariables: { SecureBoot: Uint8Array.of(6, 0, 0, 0, value) },
});

/** /chosen as a kernel's stub leaves it: 3 is on, 2 is off. */
function chosen(mode: number): TestFacts {
  const fdt = parseFdt(buildSmallDeviceTree());
  const node = findNode(fdt, '/chosen');
  if (node === undefined) throw new Error('no /chosen');
  setProperty(fdt, node, 'linux,uefi-secure-boot', encodeU32(mode));
  return { arm64: { deviceTree: writeFdt(fdt) } };
}

describe('Secure Boot, as IMA finds it', () => {
  it.each<[string, TestFacts, boolean | undefined]>([
    ['nothing is known', {}, undefined],
    ['the variable says on', variable(1), true],
    ['the variable says off', variable(0), false],
    ['the stub says on', chosen(3), true],
    // shim does not verify: the stub takes that for off, the firmware does not.
    ['shim does not verify', { ...variable(1), ...chosen(2) }, true],
    ['there are no runtime services', { ...chosen(3), commandLine: 'efi=debug,noruntime' }, false],
    ['the kernel shows no service of variables', { ...chosen(3), efi: { services: ['time'] } }, false],
    ['the kernel shows that service', { ...chosen(3), efi: { services: ['variables'] } }, true],
    ['EFI is off', { ...chosen(3), commandLine: 'noefi' }, false],
    ['the kernel is built so', { ...chosen(3), kernel: { config: { EFI_DISABLE_RUNTIME: 'y' } } }, false],
    [
      'the kernel is built so, and told otherwise',
      { ...chosen(3), kernel: { config: { EFI_DISABLE_RUNTIME: 'y' } }, commandLine: 'efi=runtime' },
      true,
    ],
    ['the kernel is older than 5.11', { ...variable(1), kernel: { release: '5.10.0-30-arm64' } }, false],
    ['IMA does not ask', { ...variable(1), kernel: { config: { INTEGRITY: 'y' } } }, false],
    [
      'IMA asks',
      { ...variable(1), kernel: { config: { INTEGRITY: 'y', HAVE_ARCH_GET_SECUREBOOT: 'y' } } },
      true,
    ],
    ['a machine file does not have that option', { ...variable(1), kernel: { config: { IMA: 'y' } } }, true],
  ])('%s', (_, facts, expected) => {
    expect(readImaSecureBoot(buildMachine(facts))).toBe(expected);
  });
});

describe('Secure Boot, as IMA finds it on x86_64', () => {
  const ovmf = recordX86('x86-64-ovmf');
  /** What the stub found: 0 is nothing, 2 is off, 3 is on. */
  const byStub = (mode: number) => {
    const bootParams = ovmf.x86.bootParams?.map((byte, at) => (at === 0x1ec ? mode : byte));
    return { ...ovmf, x86: { ...ovmf.x86, ...(bootParams && { bootParams }) } };
  };
  const on = { SecureBoot: Uint8Array.of(6, 0, 0, 0, 1) };

  it('is what the stub found, or else what the firmware says', () => {
    expect(readImaSecureBoot(byStub(3))).toBe(true);
    expect(readImaSecureBoot(byStub(2))).toBe(false);
    // shim does not verify.
    expect(readImaSecureBoot({ ...byStub(2), efiVariables: on })).toBe(false);
    expect(readImaSecureBoot({ ...byStub(0), efiVariables: on })).toBe(true);
    expect(readImaSecureBoot(byStub(0))).toBeUndefined();
    expect(readImaSecureBoot({ ...byStub(0), commandLine: 'noefi' })).toBe(false);
  });

  it('is off on a machine without UEFI', () => {
    expect(readImaSecureBoot(recordX86('x86-64-seabios'))).toBe(false);
    expect(readImaSecureBoot(recordX86('x86-64-seabios', { 'boot-params': undefined }))).toBeUndefined();
  });
});
