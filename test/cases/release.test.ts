import { describe, expect, it } from 'vitest';
import { recordMachine } from '../../src/machine/record.js';
import { findArchPolicy } from '../../src/trust/ima/appraisal.js';
import { listFacts, listFindings } from '../support/doctor.js';
import { buildMachine, buildSmallDeviceTree, GIB, MIB } from '../support/machine.js';

const IOMEM = '40000000-7fffffff : System RAM\n';

describe('what depends on the release', () => {
  it('before 5.4, CONFIG_KEXEC_VERIFY_SIG makes signatures binding', () => {
    const record = (config: string) =>
      recordMachine('m', { fdt: buildSmallDeviceTree(), iomem: IOMEM, config }).kexecSignature;
    expect(record('CONFIG_KEXEC_FILE=y\nCONFIG_KEXEC_VERIFY_SIG=y\n')).toBe('force');
    expect(record('CONFIG_KEXEC_FILE=y\nCONFIG_KEXEC_SIG=y\n')).toBe('checked');
    const config = { KEXEC_FILE: 'y', KEXEC_VERIFY_SIG: 'y', CRASH_DUMP: 'y', PROC_VMCORE: 'y' };
    expect(listFacts('kernel-options', buildMachine({ kernel: { config, release: '5.3.0' } }))[0]).toBe(
      'stops both: the running kernel has CONFIG_KEXEC_VERIFY_SIG, but no CONFIG_KEXEC_IMAGE_VERIFY_SIG',
    );
  });

  it('before 6.9, a kernel reserves for crash kernels without CONFIG_CRASH_DUMP', () => {
    const facts = (release: string, config: Record<string, string>) =>
      listFacts('kernel-options', buildMachine({ kernel: { release, config } })).filter((fact) =>
        /reserves|CRASH_DUMP/.test(fact),
      );
    expect(facts('6.6.31', { KEXEC: 'y' })).toEqual([
      'fine kdump: the running kernel, 6.6.31, reserves for crash kernels without CONFIG_CRASH_DUMP',
    ]);
    expect(facts('6.9.0', { KEXEC: 'y' })).toEqual([
      'stops kdump: the running kernel has no CONFIG_CRASH_DUMP',
    ]);
    expect(facts('6.6.31', {})).toEqual(['stops kdump: the running kernel has no CONFIG_CRASH_DUMP']);
  });

  it("before 5.11, arm64 has none of IMA's rules for EFI", () => {
    const config = { IMA: 'y', IMA_ARCH_POLICY: 'y', KEXEC_SIG: 'y' };
    const efiVariables = { SecureBoot: Uint8Array.of(6, 0, 0, 0, 1) };
    const policyOf = (release: string) =>
      findArchPolicy(buildMachine({ kernel: { config, release }, efiVariables }));
    expect(policyOf('5.10.0')).toBe('off');
    expect(policyOf('5.11.0')).toBe('on');
  });

  it('before 5.19, no parameter reserves low memory beside a region', () => {
    const cureOf = (release: string) => {
      const machine = buildMachine({
        memory: [{ start: GIB, end: 8n * GIB }],
        crashRegion: { high: { start: 5n * GIB, end: 5n * GIB + 512n * MIB } },
        kernel: { release },
      });
      return listFindings('crash-region', machine).find(({ severity }) => severity === 'warns')?.cure;
    };
    expect(cureOf('6.1.0')).toMatch(/^add crashkernel=128M,low to /);
    expect(cureOf('5.10.0')).toMatch(/^leave out the address, .* boot with crashkernel=512M /);
  });
});
