import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EFI_DEVICES } from '../../src/machine/efi-facts.js';
import { readEfiFacts } from '../../src/machine/read-efi-facts.js';

const UEFI = { 'efi-platform-size': '64\n' };

describe('readEfiFacts', () => {
  it('finds nothing on a machine without UEFI, or one that was recorded before', () => {
    const nothing = { efi: undefined, efiVariables: undefined, broken: [] };
    expect(readEfiFacts({})).toEqual(nothing);
    expect(readEfiFacts({ 'efi-devices': '' })).toEqual(nothing);
  });

  it('reads width, tables and services; what could not be read is left out', () => {
    expect(readEfiFacts(UEFI).efi).toEqual({ platformSize: 64 });
    const devices = EFI_DEVICES.map(({ path }) => `${path}\n`).join('');
    const known = { ...UEFI, 'efi-systab': 'ACPI20=0xb37f0018\nSMBIOS3=0x1\n', 'efi-devices': devices };
    expect(readEfiFacts(known)).toEqual({
      efi: { platformSize: 64, tables: ['ACPI20', 'SMBIOS3'], services: ['variables', 'time'] },
      efiVariables: undefined,
      broken: [],
    });
    expect(readEfiFacts({ ...UEFI, 'efi-devices': '' }).efi?.services).toEqual([]);
  });

  it('names each file that is broken, and uses nothing of it', () => {
    const { efi, broken } = readEfiFacts({ 'efi-platform-size': '128', 'efi-systab': 'ACPI20=0x1\nwhat\n' });
    expect(efi).toEqual({});
    expect(broken.map(({ fact }) => fact)).toEqual(['efi-platform-size', 'efi-systab']);
    const many = { ...UEFI, 'efi-systab': 'A=0x1\n'.repeat(9) };
    expect(readEfiFacts(many).broken.map(({ fact }) => fact)).toEqual(['efi-systab']);
  });

  it('takes a switch of one byte, and no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (tail) => {
        const SecureBoot = Uint8Array.of(6, 0, 0, 0, ...tail);
        const { efiVariables, broken } = readEfiFacts({ 'efivar-SecureBoot': SecureBoot });
        expect(efiVariables).toEqual(tail.length === 1 ? { SecureBoot } : undefined);
        expect(broken).toHaveLength(tail.length === 1 ? 0 : 1);
      }),
    );
  });
});
