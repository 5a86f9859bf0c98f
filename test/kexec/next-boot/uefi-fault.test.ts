import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { encodeU32 } from '../../../src/formats/fdt/values.js';
import { findUefiFault } from '../../../src/kexec/next-boot/uefi-fault.js';
import { SECURE_BOOT_PROPERTY, UEFI_PROPERTIES } from '../../../src/machine/uefi-properties.js';
import { buildAcpiFacts } from '../../support/acpi.js';
import { buildImage } from '../../support/image.js';
import { buildMachine } from '../../support/machine.js';
import { buildUefiTree, MAINLINE_KERNEL, PATCHED_KERNEL } from '../../support/uefi.js';

const machine = buildMachine();
const acpiMachine = buildMachine({ acpi: buildAcpiFacts({}) });

describe('a tree without linux,uefi-secure-boot', () => {
  const tree = buildUefiTree({ lacks: [SECURE_BOOT_PROPERTY] });

  it('is fatal for a kernel that asks for it, and says how to add it', () => {
    const fault = findUefiFault(tree, PATCHED_KERNEL, machine);
    expect(fault?.seen).toBe(
      'the next kernel asks for linux,uefi-secure-boot in /chosen, which its device tree does not have',
    );
    expect(fault?.isFatal).toBe(true);
    expect(fault?.outcome).toContain('finds no memory');
    expect(fault?.cure).toContain('fdtput -t x COPY /chosen linux,uefi-secure-boot 1');
  });

  it.each([
    [1, 3],
    [0, 2],
  ])('the value to add is that of the variable SecureBoot: %i is %i', (value, mode) => {
    const efiVariables = { SecureBoot: Uint8Array.of(6, 0, 0, 0, value) };
    const fault = findUefiFault(tree, PATCHED_KERNEL, buildMachine({ efiVariables }));
    expect(fault?.cure).toContain(`/chosen linux,uefi-secure-boot ${mode})`);
  });

  it('is enough for a mainline kernel', () => {
    expect(findUefiFault(tree, MAINLINE_KERNEL, machine)).toBeUndefined();
  });

  it('is not fatal if it describes memory', () => {
    const withMemory = buildUefiTree({ lacks: [SECURE_BOOT_PROPERTY], hasMemory: true });
    const fault = findUefiFault(withMemory, PATCHED_KERNEL, machine);
    expect(fault?.isFatal).toBe(false);
    expect(fault?.outcome).toContain('without UEFI and ACPI');
  });

  it('is fatal, too, if its memory is malformed', () => {
    const malformed = buildUefiTree({ lacks: [SECURE_BOOT_PROPERTY], hasMemory: true });
    setProperty(malformed, malformed.root, '#address-cells', encodeU32(9));
    expect(findUefiFault(malformed, PATCHED_KERNEL, machine)?.isFatal).toBe(true);
  });
});

it('names exactly the properties that are missing, for any of them', () => {
  fc.assert(
    fc.property(fc.subarray([...UEFI_PROPERTIES]), fc.boolean(), (lacks, isPatched) => {
      const kernel = isPatched ? PATCHED_KERNEL : MAINLINE_KERNEL;
      const fault = findUefiFault(buildUefiTree({ lacks }), kernel, acpiMachine);
      const asked = lacks.filter((name) => isPatched || name !== SECURE_BOOT_PROPERTY);
      expect(fault?.seen.match(/linux,[a-z-]+/g) ?? []).toEqual(asked);
    }),
  );
});

it('a kernel without an EFI stub cannot use UEFI at all', () => {
  const fault = findUefiFault(buildUefiTree(), buildImage(), machine);
  expect(fault?.seen).toContain('built without CONFIG_EFI');
  expect(fault?.isFatal).toBe(true);
});

it('a machine without UEFI, or one under Xen, has nothing to lose', () => {
  const lacks = [...UEFI_PROPERTIES];
  expect(findUefiFault(buildUefiTree({ lacks }), PATCHED_KERNEL, machine)).toBeUndefined();
  expect(findUefiFault(buildUefiTree({ lacks }), buildImage(), machine)).toBeUndefined();
  const xen = buildUefiTree({ lacks: [SECURE_BOOT_PROPERTY] });
  addNode(addNode(xen.root, 'hypervisor'), 'uefi');
  expect(findUefiFault(xen, PATCHED_KERNEL, machine)).toBeUndefined();
});
