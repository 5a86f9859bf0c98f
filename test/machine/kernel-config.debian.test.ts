import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KERNEL_OPTIONS, parseKernelConfig } from '../../src/machine/kernel-config.js';
import { corpus } from '../support/corpus.js';

describe('parseKernelConfig', () => {
  it("knows the options of Debian's kernels by their names", () => {
    const [text, x86] = [corpus.kernel('cloud-6.12'), corpus.x86CloudKernel()].map((path) =>
      readFileSync(path.replace('vmlinuz-', 'config-'), 'utf8'),
    );
    expect(parseKernelConfig(text ?? '')).toMatchObject({
      KEXEC: 'y',
      CRASH_DUMP: 'y',
      ARM64_4K_PAGES: 'y',
      SERIAL_AMBA_PL011_CONSOLE: 'y',
      SYSTEM_TRUSTED_KEYRING: 'y',
    });
    // A name that no kernel has would be asked for in vain. These are of other kernels, or only there if another is
    // set.
    const elsewhere =
      /^(KEXEC_|IMA_|LOCK_DOWN_KERNEL_FORCE|HVC_DRIVER|INTEGRITY_|SERIAL_EARLYCON|SECURITY_LOCKDOWN_LSM_EARLY|CRYPTO_MLDSA|LIVEUPDATE|CRASH_DM_CRYPT|ARCH_KEEP_MEMBLOCK|OF_EARLY_FLATTREE|INTEL_TDX_HOST)/;
    const unknown = KERNEL_OPTIONS.filter((name) => !new RegExp(`CONFIG_${name}\\b`).test(`${text}${x86}`));
    expect(unknown.filter((name) => !elsewhere.test(name))).toEqual([]);
  });
});
