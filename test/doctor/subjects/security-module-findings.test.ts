import { describe, expect, it } from 'vitest';
import type { KernelFacts } from '../../../src/machine/machine-facts.js';
import { listFacts } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';

const facts = (kernel: KernelFacts, securityLabel?: string) =>
  listFacts('permission', buildMachine({ kernel }), {
    ...(securityLabel === undefined ? {} : { live: { securityLabel } }),
  });

const SELINUX: KernelFacts = { securityModules: ['capability', 'selinux'], selinuxEnforcing: true };

describe('security modules', () => {
  it('are no finding if none was recorded that denies loads', () => {
    expect(facts({})).toEqual([]);
    expect(facts({ securityModules: ['lockdown', 'capability', 'yama'] })).toEqual([]);
  });

  it.each<[string, KernelFacts, string | undefined, RegExp]>([
    ['a recorded machine', SELINUX, undefined, /^fine both: SELinux is enforcing: a service/],
    [
      'an unconfined shell',
      SELINUX,
      'unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023',
      /^fine both: .*unconfined_t/,
    ],
    ['a domain', SELINUX, 'system_u:system_r:kdump_t:s0', /^warns both: SELinux is enforcing, .*kdump_t/],
    [
      'a permissive machine',
      { ...SELINUX, selinuxEnforcing: false },
      'u:r:kdump_t:s0',
      /^fine both: SELinux is permissive/,
    ],
    ['an unknown mode', { securityModules: ['selinux'] }, 'u:r:kdump_t:s0', /^warns both: SELinux is active/],
    [
      'a profile',
      { securityModules: ['apparmor'] },
      '/usr/sbin/kdump (enforce)',
      /^warns both: AppArmor restricts/,
    ],
    [
      'a profile that complains',
      { securityModules: ['apparmor'] },
      'x (complain)',
      /^fine both: AppArmor .*complain/,
    ],
    ['no profile', { securityModules: ['apparmor'] }, 'unconfined', /^fine both: AppArmor .*unconfined/],
    [
      'AppArmor of a recorded machine',
      { securityModules: ['apparmor'] },
      undefined,
      /^fine both: AppArmor is active$/,
    ],
  ])('restrict as much as they do: %s', (_, kernel, label, expected) => {
    expect(facts(kernel, label)).toEqual([expect.stringMatching(expected)]);
  });
});
