import { describe, expect, it } from 'vitest';
import { readEfiText, readSecureBoot } from '../../src/machine/efi-facts.js';
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

describe('a text in an EFI variable', () => {
  it('ends at its NUL', () => {
    const efiVariables = { LoaderInfo: encodeEfiText('systemd-boot 254\0more') };
    expect(readEfiText(buildMachine({ efiVariables }), 'LoaderInfo')).toBe('systemd-boot 254');
    expect(readEfiText(buildMachine({ efiVariables }), 'StubInfo')).toBeUndefined();
    expect(readEfiText(buildMachine({ efiVariables: { StubInfo: Uint8Array.of(1) } }), 'StubInfo')).toBe('');
  });
});
