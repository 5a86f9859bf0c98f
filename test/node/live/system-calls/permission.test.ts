import { describe, expect, it } from 'vitest';
import { requireArm64Linux } from '../../../../src/node/live/system-calls/libc.js';
import {
  callsLeft,
  lockdownFault,
  permissionFault,
  readPermissionFacts,
} from '../../../../src/node/live/system-calls/permission.js';

describe('permissionFault', () => {
  it.each([
    [{ capability: false }, 'default', /lacks CAP_SYS_BOOT; run it as root/],
    [{ capability: false, disabled: true }, 'default', /CAP_SYS_BOOT/],
    [{ capability: true, disabled: true }, 'default', /kernel\.kexec_load_disabled is 1/],
    [{ capability: true, isFirstUserNamespace: false }, 'default', /user namespace, as in a container/],
    [{ limitReboot: 0, limitPanic: -1 }, 'default', /kernel\.kexec_load_limit_reboot is 0/],
    [{ limitReboot: -1, limitPanic: 0 }, 'crash', /kernel\.kexec_load_limit_panic is 0/],
  ] as const)('names what forbids every load: %j, %s', (facts, type, fault) => {
    expect(permissionFault(facts, type)).toMatch(fault);
  });

  it.each([
    [{}, 'default'],
    [{ capability: true, disabled: false, limitReboot: -1, limitPanic: 0 }, 'default'],
    [{ limitReboot: 0, limitPanic: 3 }, 'crash'],
    [{ lockdown: 'integrity' }, 'default'],
  ] as const)('finds nothing in %j for %s', (facts, type) => {
    expect(permissionFault(facts, type)).toBeUndefined();
  });
});

describe('lockdownFault', () => {
  it('forbids segments under every level but none, and says what is left', () => {
    expect(lockdownFault({ lockdown: 'confidentiality' })).toMatch(
      /lockdown is confidentiality.*--syscall file/,
    );
    expect(lockdownFault({ lockdown: 'none' })).toBeUndefined();
    expect(lockdownFault({})).toBeUndefined();
  });
});

describe('callsLeft', () => {
  it('is without limit where none was read', () => {
    expect(callsLeft({}, 'crash')).toBe(-1);
    expect(callsLeft({ limitPanic: 2 }, 'crash')).toBe(2);
  });
});

describe('readPermissionFacts', () => {
  it('reads what this machine lets it read, and throws for nothing', () => {
    const { capability, limitReboot = -1 } = readPermissionFacts();
    expect([true, false, undefined]).toContain(capability);
    expect(limitReboot).toBeGreaterThanOrEqual(-1);
  });
});

describe('requireArm64Linux', () => {
  it.each([
    ['linux', 'x64'],
    ['darwin', 'arm64'],
  ] as const)('refuses %s on %s, and says what works there', (platform, arch) => {
    expect(() => requireArm64Linux({ platform, arch })).toThrow(
      expect.objectContaining({
        check: 'live-platform',
        errno: 'ENOSYS',
        seen: expect.stringContaining('plan or boot'),
      }),
    );
  });

  it('lets linux on arm64 pass', () => {
    expect(() => requireArm64Linux({ platform: 'linux', arch: 'arm64' })).not.toThrow();
  });
});
