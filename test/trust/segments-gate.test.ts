import { describe, expect, it } from 'vitest';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { EMPTY_BLACKLIST } from '../../src/trust/keyrings/keyring.js';
import { findSegmentsRefusal } from '../../src/trust/segments-gate.js';
import { buildImage } from '../support/image.js';
import { buildMachine, type TestFacts } from '../support/machine.js';

/** What Debian's kernels for arm64 have. */
const DEBIAN = {
  KEXEC: 'y',
  SECURITY_LOCKDOWN_LSM: 'y',
  LOCK_DOWN_IN_EFI_SECURE_BOOT: 'y',
  INTEGRITY: 'y',
  IMA: 'y',
  IMA_APPRAISE: 'y',
  IMA_APPRAISE_BOOTPARAM: 'y',
  IMA_ARCH_POLICY: 'y',
  IMA_SECURE_AND_OR_TRUSTED_BOOT: 'y',
};
const secureBoot = (value: number): TestFacts => ({
  efiVariables: { SecureBoot: Uint8Array.of(6, 0, 0, 0, value) },
});
const machineOf = (config: Readonly<Record<string, string>>, facts: TestFacts = {}) =>
  buildMachine({ kernel: { config }, ...facts });

describe('kexec_load', () => {
  it('is refused by IMA before lockdown, as on Debian under Secure Boot', () => {
    const refusal = findSegmentsRefusal(machineOf(DEBIAN, { ...secureBoot(1), lockdown: 'integrity' }));
    expect(refusal).toMatchObject({
      check: 'ima-appraisal',
      errno: 'EACCES',
      seen: expect.stringContaining('CONFIG_IMA_ARCH_POLICY with Secure Boot on'),
    });
    expect(refusal?.cure).toMatch(
      /systemctl reboot.*CONFIG_KEXEC_FILE.*Secure Boot off.*--disable-validation does not help.*ends lockdown, too$/,
    );
  });

  it('is refused by lockdown if IMA appraises no kernel', () => {
    const { IMA_ARCH_POLICY: _, ...config } = DEBIAN;
    const locked = machineOf(config, { ...secureBoot(1), lockdown: 'integrity' });
    expect(findSegmentsRefusal(locked)).toMatchObject({
      check: 'lockdown',
      errno: 'EPERM',
      cure: expect.stringMatching(/Secure Boot off.*mokutil --disable-validation ends it, too/),
    });
    expect(findSegmentsRefusal(machineOf(config, secureBoot(0)))).toBeUndefined();
    expect(findSegmentsRefusal(machineOf(DEBIAN, secureBoot(0)))).toBeUndefined();
    expect(findSegmentsRefusal(machineOf(config, { lockdown: 'none' }))).toBeUndefined();
  });

  it.each<[TestFacts, RegExp]>([
    [{ commandLine: 'lockdown=integrity' }, /lockdown= is on the command line/],
    [{ kernel: { config: { LOCK_DOWN_KERNEL_FORCE_INTEGRITY: 'y' } } }, /not built to lock itself down/],
    [{}, /Kernel is locked down from/],
  ])('has a cure that fits the cause of lockdown: %j', (facts, cure) => {
    expect(findSegmentsRefusal(buildMachine({ lockdown: 'integrity', ...facts }))?.cure).toMatch(cure);
  });

  it('leaves kexec_file_load, where the kernel has it', () => {
    const machine = machineOf({ ...DEBIAN, KEXEC_FILE: 'y' }, secureBoot(1));
    expect(findSegmentsRefusal(machine)?.cure).toMatch(/^load a signed kernel by kexec_file_load/);
    const unknown = buildMachine({ lockdown: 'integrity' });
    expect(findSegmentsRefusal(unknown)?.cure).toMatch(/^if the kernel has CONFIG_KEXEC_FILE/);
    expect(findSegmentsRefusal(unknown, false)?.cure).toMatch(/^start the next kernel through the firmware/);
  });
});

describe('a load as the kernel would make it', () => {
  const plan = (machine: ReturnType<typeof machineOf>, policy: 'as-kernel' | 'permissive' = 'as-kernel') => {
    const store = { keyrings: [], blacklist: EMPTY_BLACKLIST };
    return kexecFileLoad({ kernel: buildImage(), trust: { store, policy, hashes: nodeHashes } }, machine);
  };

  it('is one of segments if the kernel has no other call', () => {
    expect(plan(machineOf(DEBIAN, secureBoot(1)))).toMatchObject({
      refusal: { check: 'ima-appraisal', errno: 'EACCES', seen: expect.stringContaining('kexec_load(2)') },
    });
    expect(plan(machineOf({ KEXEC: 'y' }, { lockdown: 'integrity' }))).toMatchObject({
      refusal: { check: 'lockdown', errno: 'EPERM' },
    });
    expect(plan(machineOf(DEBIAN, secureBoot(0)))).toHaveProperty('kimage');
    expect(plan(machineOf(DEBIAN, secureBoot(1)), 'permissive')).toHaveProperty('kimage');
  });

  it('is the one that is asked for', () => {
    const request = { store: { keyrings: [], blacklist: EMPTY_BLACKLIST }, hashes: nodeHashes };
    const machine = machineOf({ ...DEBIAN, KEXEC_FILE: 'y' }, secureBoot(1));
    const seen = (call: 'file' | 'segments') =>
      kexecFileLoad(
        { kernel: buildImage(), trust: { ...request, policy: 'as-kernel' }, options: { call } },
        machine,
      ).trail.at(-1)?.detail;
    expect(seen('file')).toContain('security.ima');
    expect(seen('segments')).toContain('kexec_load(2)');
  });

  it('is one of files otherwise', () => {
    expect(plan(machineOf({ ...DEBIAN, KEXEC_FILE: 'y' }, secureBoot(1)))).toMatchObject({
      refusal: { check: 'ima-appraisal', seen: expect.stringContaining('security.ima') },
    });
  });
});
