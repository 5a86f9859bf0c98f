import { describe, expect, it } from 'vitest';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';
import { buildX86Machine } from '../../support/x86-pc.js';

const runs = (release: string, config?: Record<string, string>) =>
  buildMachine({ kernel: { release, ...(config === undefined ? {} : { config }) } });
const BOTH = { KEXEC: 'y', KEXEC_FILE: 'y', CRASH_DUMP: 'y', PROC_VMCORE: 'y' };

/** What doctor says of a kernel that it would not say of 6.12. */
function listLacks(machine: ReturnType<typeof runs>, subject = {}): string[] {
  return listFacts('kernel-options', machine, subject).filter((fact) =>
    /arm64 has|is older than|no crash kernels/.test(fact),
  );
}

describe('the release of the running kernel', () => {
  it.each(['5.13.0', '6.1.0-37-arm64', '6.12.117', '7.3.4'])(
    '%s lacks nothing that is reported',
    (release) => {
      expect(listLacks(runs(release, BOTH))).toEqual([]);
    },
  );

  it('before 5.0 has no kexec_file_load on arm64', () => {
    const said =
      'fine both: the running kernel is 4.19.0-27-arm64: arm64 has kexec_file_load since Linux 5.0';
    expect(listLacks(runs('4.19.0-27-arm64', { KEXEC: 'y' }))).toEqual([said]);
    expect(listLacks(runs('4.19.0-27-arm64'))).toEqual([said]);
    // A later kernel without the option says nothing of its release.
    expect(listLacks(runs('5.10.0', { KEXEC: 'y' }))).toEqual([]);
  });

  it('before 5.6 loads no crash kernels by kexec_file_load', () => {
    const [finding] = listFindings('kernel-options', runs('5.4.0', BOTH));
    expect(finding).toMatchObject({
      severity: 'warns',
      about: 'kdump',
      fact: 'kexec_file_load of 5.4.0 loads no crash kernels',
      cure: expect.stringContaining('--syscall segments'),
      evidence: { check: 'crash-file-load', holds: false },
    });
    expect(listLacks(runs('5.4.0'))[0]).toBe(
      'unknown kdump: kexec_file_load of 5.4.0 loads no crash kernels; whether the kernel has the call is unknown',
    );
    expect(listLacks(runs('5.4.0', { KEXEC: 'y' }))).toEqual([]);
  });

  it('before 5.13 is older in what is listed, with a doubt where a distribution keeps the number', () => {
    const [finding] = listFindings('kernel-options', runs('5.4.0', BOTH)).filter(({ fact }) =>
      fact.includes('is older than'),
    );
    expect(finding?.why).toContain('(before Linux 5.10)');
    expect(finding?.why).toContain('(before Linux 5.13)');
    expect(listLacks(runs('4.18.0-553.el8_10.aarch64', BOTH))).toEqual([
      'unknown kdump: kexec_file_load of 4.18.0-553.el8_10.aarch64 loads no crash kernels, unless its distribution added that',
      'fine both: kexec_file_load of 4.18.0-553.el8_10.aarch64 is older than that of Linux 6.12; its distribution may have added later changes',
    ]);
  });

  it('is of no matter if it is unknown', () => {
    expect(listLacks(buildMachine({ kernel: { config: BOTH } }))).toEqual([]);
  });

  it('of x86_64 lacks what concerns x86_64', () => {
    const lacksOf = (release: string) =>
      listFindings('kernel-options', buildX86Machine({ kernel: { release, config: BOTH } })).filter(
        ({ fact }) => fact.includes('is older than'),
      );
    expect(lacksOf('6.12.117')).toEqual([]);
    const [finding, ...others] = lacksOf('5.4.0');
    expect(finding?.why).toMatch(
      /^kexec_file_load searches each range from its top, .* \(before Linux 6\.8\)$/,
    );
    expect(others).toEqual([]);
    const facts = listFacts(
      'kernel-options',
      buildX86Machine({ kernel: { release: '4.19.0', config: BOTH } }),
    );
    expect(facts.join()).not.toMatch(/arm64|no crash kernels/);
  });
});
