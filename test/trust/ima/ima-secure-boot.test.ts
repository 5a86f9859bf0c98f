import { describe, expect, it } from 'vitest';
import { findNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { encodeU32 } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { readImaSecureBoot } from '../../../src/trust/ima/ima-secure-boot.js';
import { buildMachine, buildSmallDeviceTree, type TestFacts } from '../../support/machine.js';

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
