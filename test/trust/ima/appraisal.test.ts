import { describe, expect, it } from 'vitest';
import {
  findAppraisal,
  findArchPolicy,
  findSegmentsGate,
  findSignatureDemand,
  guaranteesSignature,
} from '../../../src/trust/ima/appraisal.js';
import { buildMachine, type TestFacts } from '../../support/machine.js';

type Config = Readonly<Record<string, string>>;

const IMA: Config = { IMA: 'y', IMA_APPRAISE: 'y', IMA_APPRAISE_BOOTPARAM: 'y' };
const REQUIRED: Config = { ...IMA, IMA_APPRAISE_REQUIRE_KEXEC_SIGS: 'y' };
const ARCH: Config = { ...IMA, IMA_ARCH_POLICY: 'y' };
const SIGNED: Config = { ...ARCH, KEXEC_SIG: 'y' };
const secureBoot = (isOn: boolean): TestFacts => ({
  efiVariables: { SecureBoot: Uint8Array.of(6, 0, 0, 0, isOn ? 1 : 0) },
});

const machineOf = (config: Config, commandLine = '', facts: TestFacts = {}) =>
  buildMachine({ kernel: { config }, commandLine, ...facts });

describe("IMA's appraisal of a kernel", () => {
  it.each<[string, Config, string, TestFacts, object | undefined]>([
    ['no IMA', {}, 'ima_policy=secure_boot', {}, undefined],
    ['no appraisal', { IMA: 'y' }, 'ima_policy=secure_boot', {}, undefined],
    ['no rule', IMA, '', {}, undefined],
    [
      'a build-time rule',
      REQUIRED,
      '',
      {},
      { demand: 'signature', isEnforced: true, because: 'CONFIG_IMA_APPRAISE_REQUIRE_KEXEC_SIGS' },
    ],
    [
      'a parameter',
      IMA,
      'ima_policy=secure_boot',
      {},
      { demand: 'signature', because: 'ima_policy=secure_boot' },
    ],
    ['one of several', IMA, 'ima_policy="tcb|secure_boot"', {}, { demand: 'signature' }],
    ['another one', IMA, 'ima_policy=tcb', {}, undefined],
    ["root's files", IMA, 'ima_policy=appraise_tcb', {}, { demand: 'digest' }],
    [
      "root's files, which must be signed",
      { ...IMA, IMA_APPRAISE_SIGNED_INIT: 'y' },
      'ima_policy=appraise_tcb',
      {},
      { demand: 'signature', because: 'ima_policy=appraise_tcb with CONFIG_IMA_APPRAISE_SIGNED_INIT' },
    ],
    ['the old parameter', IMA, 'ima_appraise_tcb', {}, { demand: 'digest' }],
    ['logged', REQUIRED, 'ima_appraise=log', {}, { isEnforced: false }],
    ['fixed', REQUIRED, 'ima_appraise=enforce ima_appraise=fix', {}, { isEnforced: false }],
    ['off', REQUIRED, 'ima_appraise=off', {}, { isEnforced: false }],
    ['an unknown mode', REQUIRED, 'ima_appraise=maybe', {}, { isEnforced: true }],
    ['an unknown mode last', REQUIRED, 'ima_appraise=log ima_appraise=maybe', {}, { isEnforced: true }],
    [
      'no parameter in this kernel',
      { ...REQUIRED, IMA_APPRAISE_BOOTPARAM: 'n' },
      'ima_appraise=off',
      {},
      { isEnforced: true },
    ],
    ['a mode under Secure Boot', REQUIRED, 'ima_appraise=off', secureBoot(true), { isEnforced: true }],
    ['arch policy without KEXEC_SIG', ARCH, '', secureBoot(true), { demand: 'signature' }],
    ['arch policy with Secure Boot off', ARCH, '', secureBoot(false), undefined],
    ['arch policy with KEXEC_SIG', SIGNED, '', secureBoot(true), undefined],
  ])('by %s', (_, config, commandLine, facts, expected) => {
    const found = findAppraisal(machineOf(config, commandLine, facts));
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });

  it.each<[string, object | undefined]>([
    ['measure func=KEXEC_KERNEL_CHECK', undefined],
    ['appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig', { demand: 'signature', isCertain: true }],
    ['appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig|modsig', { demand: 'appended' }],
    ['appraise func=MODULE_CHECK appraise_type=imasig', undefined],
    ['dont_appraise fsmagic=0x9fa0\nappraise fowner=0', { demand: 'digest', isCertain: true }],
    ['dont_appraise func=KEXEC_KERNEL_CHECK\nappraise fowner=0', undefined],
    [
      'appraise func=KEXEC_KERNEL_CHECK obj_type=boot_t appraise_type=imasig',
      { demand: 'signature', isCertain: false },
    ],
  ])('by the recorded rules %j', (imaPolicy, expected) => {
    const found = findAppraisal(buildMachine({ kernel: { config: REQUIRED, imaPolicy } }));
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });

  it('has a rule of its own for initrds', () => {
    const imaPolicy = 'appraise func=KEXEC_INITRAMFS_CHECK appraise_type=imasig';
    const machine = buildMachine({ kernel: { imaPolicy } });
    expect(findAppraisal(machine, 'KEXEC_INITRAMFS_CHECK')).toMatchObject({ demand: 'signature' });
    expect(findAppraisal(machine)).toBeUndefined();
    expect(findAppraisal(machineOf(REQUIRED), 'KEXEC_INITRAMFS_CHECK')).toBeUndefined();
  });
});

describe('kexec_load', () => {
  it('is refused by IMA where it appraises kernels, or under Secure Boot with KEXEC_SIG', () => {
    const isRefused = (...args: Parameters<typeof machineOf>) =>
      findSegmentsGate(machineOf(...args)) !== undefined;
    expect(isRefused(REQUIRED)).toBe(true);
    expect(isRefused(IMA, 'ima_policy=secure_boot')).toBe(true);
    expect(isRefused(SIGNED, '', secureBoot(true))).toBe(true);
    expect(isRefused(REQUIRED, 'ima_appraise=log')).toBe(false);
    expect(isRefused(IMA, 'ima_policy=appraise_tcb')).toBe(false);
    expect(isRefused(SIGNED, '', secureBoot(false))).toBe(false);
    expect(isRefused(SIGNED)).toBe(false);
  });

  it('is refused by any rule for kernels, also one that decides about no file', () => {
    const rule = 'appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig';
    const gateOf = (imaPolicy: string, config = IMA, commandLine = '') =>
      findSegmentsGate(buildMachine({ kernel: { config, imaPolicy }, commandLine }))?.because;
    expect(gateOf(`appraise fowner=0\n${rule}`)).toBe(`the rule "${rule}"`);
    expect(gateOf(`dont_appraise func=KEXEC_KERNEL_CHECK\n${rule}`)).toBe(`the rule "${rule}"`);
    expect(gateOf('appraise fowner=0')).toBeUndefined();
    // The rules of a parameter are replaced by others, and have shut the gate.
    expect(gateOf('measure func=KEXEC_KERNEL_CHECK', IMA, 'ima_policy=secure_boot')).toBe(
      'ima_policy=secure_boot',
    );
  });
});

describe("a kernel's trust in IMA under lockdown", () => {
  const KNOWN: Config = { ...REQUIRED, INTEGRITY: 'y', INTEGRITY_TRUSTED_KEYRING: 'y' };

  it('is there where IMA requires signatures by a restricted keyring', () => {
    expect(guaranteesSignature(machineOf(KNOWN))).toBe(true);
    expect(guaranteesSignature(machineOf({ ...KNOWN, INTEGRITY_TRUSTED_KEYRING: 'n' }))).toBe(false);
    expect(guaranteesSignature(machineOf(KNOWN, 'ima_appraise=log'))).toBe(false);
    expect(guaranteesSignature(machineOf(IMA, 'ima_policy=appraise_tcb'))).toBe(false);
    // A machine file from before the option was recorded.
    expect(guaranteesSignature(machineOf(REQUIRED))).toBe(true);
  });

  it.each([
    ['appraise func=KEXEC_KERNEL_CHECK obj_type=boot_t appraise_type=imasig', true],
    ['dont_appraise func=KEXEC_KERNEL_CHECK\nappraise func=KEXEC_KERNEL_CHECK appraise_type=imasig', true],
    ['appraise fowner=0\nappraise func=KEXEC_KERNEL_CHECK appraise_type=imasig', false],
    ['appraise func=KEXEC_INITRAMFS_CHECK appraise_type=imasig', false],
  ])('depends on the first rule alone, whatever its conditions: %j', (imaPolicy, expected) => {
    expect(guaranteesSignature(buildMachine({ kernel: { config: KNOWN, imaPolicy } }))).toBe(expected);
  });
});

describe("IMA's arch policy", () => {
  it('makes signatures binding with Secure Boot on', () => {
    const demand = (facts: TestFacts) =>
      findSignatureDemand(machineOf(SIGNED, '', { kexecSignature: 'checked', ...facts }))?.because;
    expect(demand(secureBoot(true))).toBe('CONFIG_IMA_ARCH_POLICY with Secure Boot on');
    expect(demand(secureBoot(false))).toBeUndefined();
    expect(demand({})).toBeUndefined();
    expect(demand({ kexecSignature: 'force' })).toBe('CONFIG_KEXEC_SIG_FORCE');
    expect(demand({ ...secureBoot(true), kexecSignature: 'none' })).toBeUndefined();
    expect(findArchPolicy(machineOf(SIGNED))).toBe('unknown');
    expect(findArchPolicy(machineOf(IMA))).toBeUndefined();
  });
});
