import { describe, expect, it } from 'vitest';
import { listFacts } from '../../support/doctor.js';
import { buildImage } from '../../support/image.js';
import { buildMachine } from '../../support/machine.js';

/** Options of Debian's kernels. */
const DEBIAN = { KEXEC: 'y', CRASH_DUMP: 'y', PROC_VMCORE: 'y', PROC_KCORE: 'y', HOTPLUG_CPU: 'y' };

const facts = (config: Readonly<Record<string, string>>) =>
  listFacts('kernel-options', buildMachine({ kernel: { config } }));

describe("the running kernel's options", () => {
  it('of a distribution are fine', () => {
    expect(facts(DEBIAN)).toEqual([
      'fine both: the running kernel has kexec_load, and no kexec_file_load',
      'fine kdump: the running kernel has CONFIG_CRASH_DUMP',
    ]);
    expect(facts({ ...DEBIAN, KEXEC_FILE: 'y' })[0]).toBe(
      'fine both: the running kernel has kexec_file_load and kexec_load',
    );
  });

  it('stop kexec and kdump without a system call', () => {
    const { KEXEC: _, ...others } = DEBIAN;
    expect(facts(others)[0]).toBe(
      'stops both: the running kernel has neither CONFIG_KEXEC nor CONFIG_KEXEC_FILE',
    );
  });

  it('stop kdump without CONFIG_CRASH_DUMP or CONFIG_PROC_VMCORE', () => {
    const { CRASH_DUMP: _, PROC_VMCORE: __, ...others } = DEBIAN;
    expect(facts(others).slice(0, 2)).toEqual([
      'stops kdump: the running kernel has no CONFIG_CRASH_DUMP',
      'stops kdump: the crash kernel has no CONFIG_PROC_VMCORE',
    ]);
  });

  it('need CONFIG_PROC_VMCORE only of a crash kernel', () => {
    const subject = { kernel: buildImage(), options: { KEXEC: 'y' } };
    const stopped = (panic: boolean) =>
      listFacts('kernel-options', buildMachine({ kernel: { config: DEBIAN } }), { ...subject, panic }).filter(
        (fact) => fact.startsWith('stops'),
      );
    expect(stopped(false)).toEqual([]);
    expect(stopped(true)).toEqual(['stops kdump: the crash kernel has no CONFIG_PROC_VMCORE']);
  });

  it('get a warning if they ask for signatures that the kernel cannot verify', () => {
    const asks = { ...DEBIAN, KEXEC_FILE: 'y', KEXEC_SIG: 'y' };
    expect(facts(asks)[0]).toBe(
      'warns both: the running kernel has CONFIG_KEXEC_SIG, but no CONFIG_KEXEC_IMAGE_VERIFY_SIG',
    );
    expect(facts({ ...asks, KEXEC_SIG_FORCE: 'y' })[0]).toMatch(/^stops both: .*KEXEC_SIG_FORCE/);
    expect(facts({ ...asks, KEXEC_IMAGE_VERIFY_SIG: 'y' })[0]).toMatch(/^fine/);
  });

  it('need not be known to find that there is no kexec', () => {
    expect(listFacts('kernel-options', buildMachine(), { live: {} })).toEqual([
      'stops both: there is no /sys/kernel/kexec_loaded',
    ]);
  });

  it('are unknown, with the reason and the known system call', () => {
    const machine = buildMachine({ unknown: [{ fact: 'config', reason: 'not found' }] });
    expect(listFacts('kernel-options', machine)).toEqual([
      "unknown both: the running kernel's configuration is not known; config: not found",
    ]);
    expect(
      listFacts('kernel-options', buildMachine(), { live: { loaded: false, hasKexecFileLoad: false } }),
    ).toEqual([
      "unknown both: the running kernel's configuration is not known; it has no kexec_file_load(2)",
    ]);
  });
});
