import { describe, expect, it } from 'vitest';
import { requireAbi } from '../../../../src/node/live/system-calls/abi.js';

describe('requireAbi', () => {
  it.each([
    ['linux', 'riscv64'],
    ['linux', 'ia32'],
    ['darwin', 'arm64'],
    ['win32', 'x64'],
  ] as const)('refuses %s on %s, and names commands that work there', (platform, arch) => {
    expect(() => requireAbi({ platform, arch })).toThrow(
      expect.objectContaining({
        check: 'live-platform',
        errno: 'ENOSYS',
        seen: `this is Node for ${platform} on ${arch}`,
        cure: expect.stringContaining('plan, boot and explain'),
      }),
    );
  });

  it('has the numbers of both architectures, and what kexec_load calls them', () => {
    expect(requireAbi({ platform: 'linux', arch: 'arm64' })).toEqual({
      numbers: { sync: 81, kexec_load: 104, reboot: 142, memfd_create: 279, kexec_file_load: 294 },
      kexecArch: 0xb70000,
    });
    expect(requireAbi({ platform: 'linux', arch: 'x64' })).toEqual({
      numbers: { sync: 162, kexec_load: 246, reboot: 169, memfd_create: 319, kexec_file_load: 320 },
      kexecArch: 0x3e0000,
    });
  });
});
