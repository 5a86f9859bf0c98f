import { describe, expect, it } from 'vitest';
import type { LiveFacts } from '../../../src/doctor/intended-load.js';
import type { KernelFacts } from '../../../src/machine/machine-facts.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';

const CAP_SYS_BOOT = 1n << 22n;

const facts = (kernel: KernelFacts, live?: LiveFacts) =>
  listFacts('permission', buildMachine({ kernel }), { live });

describe('permission to load', () => {
  it('needs CAP_SYS_BOOT', () => {
    expect(facts({}, { capabilities: CAP_SYS_BOOT })).toEqual(['fine both: the process has CAP_SYS_BOOT']);
    const all = (1n << 41n) - 1n;
    expect(facts({}, { capabilities: all ^ CAP_SYS_BOOT })).toEqual([
      'stops both: the process lacks CAP_SYS_BOOT',
    ]);
  });

  it('is missing in a user namespace, and may be missing under a seccomp filter', () => {
    const live = { capabilities: CAP_SYS_BOOT, isFirstUserNamespace: false, hasSeccompFilter: true };
    expect(facts({}, live)).toEqual([
      'stops both: the process is in a user namespace of its own',
      'warns both: a seccomp filter decides which system calls the process may make',
      'fine both: the process has CAP_SYS_BOOT',
    ]);
  });

  it('is missing once loading is disabled, but loaded kernels stay', () => {
    const machine = buildMachine({ kernel: { kexecLoadDisabled: true } });
    const live = { loaded: true, crashLoaded: true };
    expect(listFindings('permission', machine, { live })).toEqual([
      {
        topic: 'permission',
        severity: 'stops',
        about: 'both',
        fact: 'kernel.kexec_load_disabled is 1',
        why:
          'loading and unloading fail with EPERM, for root too; the loaded kernel can still be started; ' +
          'a panic still starts the loaded crash kernel',
        cure: expect.stringContaining('reboot'),
        source: '/proc/sys/kernel/kexec_load_disabled; kexec_load_permitted()',
        evidence: { check: 'live-permission', holds: false },
      },
    ]);
    expect(facts({ kexecLoadDisabled: false })).toEqual(['fine both: kernel.kexec_load_disabled is 0']);
  });

  it('has a limit for each type of load', () => {
    expect(facts({ kexecLoadLimitReboot: 0, kexecLoadLimitPanic: -1 })).toEqual([
      'stops kexec: kernel.kexec_load_limit_reboot is 0',
      'fine kdump: kernel.kexec_load_limit_panic sets no limit',
    ]);
    expect(facts({ kexecLoadLimitReboot: 1, kexecLoadLimitPanic: 2 })).toEqual([
      'warns kexec: kernel.kexec_load_limit_reboot leaves 1 call',
      'warns kdump: kernel.kexec_load_limit_panic leaves 2 calls',
    ]);
  });

  it('has no finding on a recorded machine', () => {
    expect(facts({})).toEqual([]);
  });
});
