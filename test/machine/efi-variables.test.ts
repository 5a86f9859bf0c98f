import { describe, expect, it } from 'vitest';
import { addNode, setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt } from '../../src/formats/fdt/tree.js';
import { encodeU32 } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { readEfiText, readSecureBoot } from '../../src/machine/efi-variables.js';
import { buildMachine } from '../support/machine.js';
import { encodeEfiText } from '../support/machine-root.js';

const variable = (...contents: number[]) => Uint8Array.of(6, 0, 0, 0, ...contents);

describe('Secure Boot', () => {
  it.each([
    [{ SecureBoot: variable(1), SetupMode: variable(0) }, true],
    [{ SecureBoot: variable(1) }, true],
    [{ SecureBoot: variable(1), SetupMode: variable(1) }, false],
    [{ SecureBoot: variable(0), SetupMode: variable(0) }, false],
    [{ SecureBoot: variable() }, undefined],
    [{}, undefined],
  ])('of %j is %s', (efiVariables, isOn) => {
    expect(readSecureBoot(buildMachine({ efiVariables }))).toBe(isOn);
  });
});

describe('Secure Boot in the device tree', () => {
  it.each([
    [3, true],
    [2, false],
    [1, undefined],
    [0, undefined],
  ])('is mode %i: %s', (mode, isOn) => {
    const fdt = createFdt();
    setProperty(fdt, addNode(fdt.root, 'chosen'), 'linux,uefi-secure-boot', encodeU32(mode));
    const machine = buildMachine({ arm64: { deviceTree: writeFdt(fdt) } });
    expect(readSecureBoot(machine)).toBe(isOn);
    // The variables say it better.
    expect(readSecureBoot({ ...machine, efiVariables: { SecureBoot: variable(0) } })).toBe(false);
  });
});

describe('a text in an EFI variable', () => {
  it('ends at its NUL', () => {
    const efiVariables = { LoaderInfo: encodeEfiText('systemd-boot 254\0more') };
    expect(readEfiText(buildMachine({ efiVariables }), 'LoaderInfo')).toBe('systemd-boot 254');
    expect(readEfiText(buildMachine({ efiVariables }), 'StubInfo')).toBeUndefined();
    expect(readEfiText(buildMachine({ efiVariables: { StubInfo: Uint8Array.of(1) } }), 'StubInfo')).toBe('');
  });
});
