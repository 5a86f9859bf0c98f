import { describe, expect, it } from 'vitest';
import { EM_X86_64 } from '../../../../src/formats/elf/format.js';
import { parseElf, STB_GLOBAL } from '../../../../src/formats/elf/object.js';
import { loadOwnPurgatory } from '../../../../src/kexec/x86-64/purgatory/load-purgatory.js';
import { decodePurgatoryObject } from '../../../../src/kexec/x86-64/purgatory/purgatory-object.js';
import {
  type PurgatoryParameters,
  setParameters,
} from '../../../../src/kexec/x86-64/purgatory/purgatory-parameters.js';

describe('decodePurgatoryObject', () => {
  it('has the symbols that the loader sets, with their sizes, and an entry', () => {
    const { sections, symbols } = parseElf(decodePurgatoryObject(), EM_X86_64);
    const defined = symbols
      .filter(({ binding }) => binding === STB_GLOBAL)
      .map(({ name, size, section }) => [
        name,
        [Number(size), typeof section === 'number' ? sections[section]?.name : section],
      ]);
    expect(Object.fromEntries(defined)).toEqual({
      purgatory_start: [expect.any(Number), '.text'],
      kernel_entry: [8, '.data'],
      boot_params_addr: [8, '.data'],
      purgatory_sha_regions: [16 * 16, '.data'],
      purgatory_region_digests: [16 * 32, '.data'],
      purgatory_region_names: [16 * 16, '.data'],
      serial_base: [8, '.data'],
      serial_kind: [4, '.data'],
      serial_shift: [4, '.data'],
      serial_width: [4, '.data'],
      on_mismatch: [4, '.data'],
      reset_address: [8, '.data'],
      reset_kind: [4, '.data'],
      reset_value: [4, '.data'],
      use_sha2: [4, '.data'],
      use_avx: [4, '.data'],
    });
  });

  it('is no larger than 16 KiB', () => {
    expect(decodePurgatoryObject().length).toBeLessThanOrEqual(16 * 1024);
  });
});

describe('setParameters', () => {
  const parameters: PurgatoryParameters = {
    kernelEntry: 0x100_0200n,
    bootParams: 0x9_0000n,
    onMismatch: 'halt',
  };
  const read = (changes: Partial<PurgatoryParameters>, name: string): bigint => {
    const purgatory = loadOwnPurgatory();
    setParameters(purgatory, { ...parameters, ...changes });
    const bytes = purgatory.getSymbol(name);
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  };

  it.each([
    ['kernel_entry', {}, 0x100_0200n],
    ['boot_params_addr', {}, 0x9_0000n],
    ['serial_kind', {}, 0n],
    ['serial_kind', { serial: { kind: '8250', base: 0xfed0_0000n, shift: 2, width: 4 } }, 2n],
    ['serial_kind', { serial: { kind: '8250-port', base: 0x2f8n, shift: 0, width: 1 } }, 4n],
    ['serial_base', { serial: { kind: '8250-port', base: 0x2f8n, shift: 0, width: 1 } }, 0x2f8n],
    ['serial_shift', { serial: { kind: '8250', base: 0xfed0_0000n, shift: 2, width: 4 } }, 2n],
    ['serial_width', { serial: { kind: '8250', base: 0xfed0_0000n, shift: 2, width: 4 } }, 4n],
    ['on_mismatch', {}, 0n],
    ['on_mismatch', { onMismatch: 'reset' }, 1n],
    ['on_mismatch', { onMismatch: 'continue' }, 3n],
    ['reset_kind', {}, 0n],
    ['reset_kind', { resetRegister: { space: 'memory', address: 0xfed0_0000n, value: 6 } }, 1n],
    ['reset_kind', { resetRegister: { space: 'port', address: 0xcf9n, value: 6 } }, 2n],
    ['reset_kind', { resetRegister: { space: 'pci', address: 0x1f_0000_0044n, value: 6 } }, 3n],
    ['reset_address', { resetRegister: { space: 'pci', address: 0x1f_0003_0046n, value: 6 } }, 0x8000_fb46n],
    ['reset_kind', { resetRegister: { space: 'memory', address: 0x1_0000_0000n, value: 6 } }, 0n],
    ['reset_kind', { resetRegister: { space: 'port', address: 0x1_0cf9n, value: 6 } }, 0n],
    ['reset_kind', { resetRegister: { space: 'pci', address: 0x20_0000_0044n, value: 6 } }, 0n],
    ['reset_kind', { resetRegister: { space: 'pci', address: 0x1f_0008_0044n, value: 6 } }, 0n],
    ['reset_kind', { resetRegister: { space: 'pci', address: 0x1f_0000_0144n, value: 6 } }, 0n],
    ['reset_address', { resetRegister: { space: 'port', address: 0xcf9n, value: 6 } }, 0xcf9n],
    ['reset_value', { resetRegister: { space: 'port', address: 0xcf9n, value: 6 } }, 6n],
    ['use_sha2', {}, 1n],
    ['use_sha2', { sha2: false }, 0n],
    ['use_avx', {}, 1n],
    ['use_avx', { avx: false }, 0n],
  ] as const)('sets %s for %o', (name, changes, expected) => {
    expect(read(changes, name)).toBe(expected);
  });

  it.each(['pl011', 'sbsa-uart'] as const)('refuses a %s', (kind) => {
    const serial = { kind, base: 0x900_0000n, shift: 0, width: 4 } as const;
    expect(() => setParameters(loadOwnPurgatory(), { ...parameters, serial })).toThrow(
      expect.objectContaining({ check: 'purgatory-serial', errno: 'EINVAL' }),
    );
  });
});
