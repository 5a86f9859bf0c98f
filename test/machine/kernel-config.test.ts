import { describe, expect, it } from 'vitest';
import { parseKernelConfig } from '../../src/machine/kernel-config.js';

describe('parseKernelConfig', () => {
  it('keeps the known options that are set', () => {
    const text =
      'CONFIG_KEXEC=y\n# CONFIG_KEXEC_FILE is not set\nCONFIG_ARM64_VA_BITS=48\nCONFIG_IMA="y"\nCONFIG_USB=m\n CONFIG_CRASH_DUMP=y\n';
    expect(parseKernelConfig(text)).toEqual({ KEXEC: 'y', ARM64_VA_BITS: '48', IMA: 'y' });
  });
});
