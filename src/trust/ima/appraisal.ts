/**
 * What the running kernel's IMA demands of a kernel: by its recorded policy or, without it, by its configuration,
 * command line and Secure Boot. Source: security/integrity/ima/{ima_policy,ima_appraise,ima_main,ima_efi}.c of Linux
 * 6.12.
 */

import { findParameterValues } from '../../machine/command-line.js';
import type { KernelOptions } from '../../machine/kernel-config.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import { hasIntegrityOptions, readImaSecureBoot } from './ima-secure-boot.js';
import {
  type AppraiseRule,
  findAppraiseRules,
  findKernelRule,
  isSignatureAppraised,
  type KexecHook,
} from './policy-rules.js';

/** What a kernel file needs to pass. */
export interface Appraisal {
  /**
   * `signature`: in security.ima. `appended`: there, or appended to the file. `digest`: a digest in security.ima is
   * enough.
   */
  readonly demand: 'signature' | 'appended' | 'digest';
  /** What makes IMA demand it: a rule, an option of the configuration, or a parameter. */
  readonly because: string;
  /** False if IMA only logs (`ima_appraise=log`), or fixes what is missing. */
  readonly isEnforced: boolean;
  /** Whether the rule certainly applies; false if it depends on the file system or the process. */
  readonly isCertain: boolean;
}

/** A gate that is shut, and why. */
export interface ImaGate {
  readonly because: string;
}

/** The gate for kexec_load(2). */
export interface SegmentsGate extends ImaGate {
  /** Whether it is open with Secure Boot off. */
  readonly isBySecureBoot: boolean;
}

const ARCH_POLICY_ON = 'CONFIG_IMA_ARCH_POLICY with Secure Boot on';

/**
 * Finds what IMA demands of a file that kexec_file_load reads.
 *
 * @returns undefined if it appraises no such file, or if nothing is known of IMA
 */
export function findAppraisal(
  machine: MachineFacts,
  hook: KexecHook = 'KEXEC_KERNEL_CHECK',
): Appraisal | undefined {
  const { kernel: { config = {}, imaPolicy } = {} } = machine;
  if (imaPolicy !== undefined && imaPolicy !== '')
    return appraiseByRules(findAppraiseRules(imaPolicy, hook), machine);
  if (!hasAppraisal(config)) return undefined;
  const isEnforced = isAppraisalEnforced(machine);
  const because = hook === 'KEXEC_KERNEL_CHECK' ? findBuiltinRule(machine) : undefined;
  if (because !== undefined) return { demand: 'signature', because, isEnforced, isCertain: true };
  if (!findImaPolicies(machine).includes('appraise_tcb')) return undefined;
  const tcb = { because: 'ima_policy=appraise_tcb', isEnforced, isCertain: true };
  return config.IMA_APPRAISE_SIGNED_INIT === 'y'
    ? { ...tcb, demand: 'signature', because: `${tcb.because} with CONFIG_IMA_APPRAISE_SIGNED_INIT` }
    : { ...tcb, demand: 'digest' };
}

function hasAppraisal(config: KernelOptions): boolean {
  return config.IMA === 'y' && config.IMA_APPRAISE === 'y';
}

/**
 * Why IMA refuses every kexec_load(2) with EACCES: there is no file that it could appraise (`ima_load_data()`). It does
 * so before lockdown would, with EPERM (`kexec_load_check()`).
 */
export function findSegmentsGate(machine: MachineFacts): SegmentsGate | undefined {
  const { kernel: { config = {}, imaPolicy = '' } = {} } = machine;
  if (config.IMA === 'y' && config.KEXEC_SIG === 'y' && readImaSecureBoot(machine) === true)
    return { because: 'Secure Boot is on, and the kernel has CONFIG_KEXEC_SIG', isBySecureBoot: true };
  if (!isAppraisalEnforced(machine)) return undefined;
  // A policy that was loaded later replaces rules, but does not open this gate again.
  const because = hasAppraisal(config) ? findBuiltinRule(machine) : undefined;
  if (because !== undefined) return { because, isBySecureBoot: because === ARCH_POLICY_ON };
  const rule = findKernelRule(imaPolicy);
  return rule === undefined ? undefined : { because: `the rule "${rule.text}"`, isBySecureBoot: false };
}

/**
 * Whether the kernel counts on IMA to see a signature of every kernel that kexec_file_load reads. Then lockdown lets it
 * load one without a signature in its PE file: `ima_appraise_signature()`, called by `kimage_validate_signature()`.
 */
export function guaranteesSignature(machine: MachineFacts): boolean {
  const { kernel: { config = {}, imaPolicy = '' } = {} } = machine;
  // Anybody could add a key to a keyring that is not restricted.
  if (hasIntegrityOptions(machine) && config.INTEGRITY_TRUSTED_KEYRING !== 'y') return false;
  if (!isAppraisalEnforced(machine)) return false;
  if (imaPolicy !== '') return isSignatureAppraised(imaPolicy, 'KEXEC_KERNEL_CHECK');
  const demand = findAppraisal(machine)?.demand;
  return demand !== undefined && demand !== 'digest';
}

/**
 * What is known of IMA's arch policy, which makes signatures of kernels binding under Secure Boot
 * (`arch_get_ima_policy()` calls `set_kexec_sig_enforced()`).
 *
 * @returns undefined if the kernel has none; `unknown` if whether Secure Boot is on was not recorded
 */
export function findArchPolicy(machine: MachineFacts): 'on' | 'off' | 'unknown' | undefined {
  const { kernel: { config = {} } = {} } = machine;
  if (config.IMA !== 'y' || config.IMA_ARCH_POLICY !== 'y') return undefined;
  const isOn = readImaSecureBoot(machine);
  if (isOn === undefined) return 'unknown';
  return isOn ? 'on' : 'off';
}

/**
 * Why kexec_file_load takes only signed kernels, without regard to lockdown; undefined if it does not, as far as is
 * known.
 */
export function findSignatureDemand(machine: MachineFacts): ImaGate | undefined {
  const { kexecSignature, kernel: { config = {} } = {} } = machine;
  const option = ['KEXEC_VERIFY_SIG', 'KEXEC_SIG_FORCE'].find((name) => config[name] === 'y');
  if (kexecSignature === 'force' || (kexecSignature === undefined && option !== undefined))
    return { because: `CONFIG_${option ?? 'KEXEC_SIG_FORCE'}` };
  return kexecSignature === 'checked' && findArchPolicy(machine) === 'on'
    ? { because: ARCH_POLICY_ON }
    : undefined;
}

function appraiseByRules(rules: readonly AppraiseRule[], machine: MachineFacts): Appraisal | undefined {
  // A "dont_appraise" with conditions is for special file systems: where kernels are kept, it does not apply.
  const deciding = rules.find(({ action, conditions }) => action === 'appraise' || conditions.length === 0);
  if (deciding === undefined || deciding.action === 'dont_appraise') return undefined;
  const { type, text, conditions } = deciding;
  return {
    demand: type === undefined ? 'digest' : type.includes('modsig') ? 'appended' : 'signature',
    because: `the rule "${text}"`,
    isEnforced: isAppraisalEnforced(machine),
    isCertain: conditions.length === 0,
  };
}

/**
 * What demands signatures of kernels, of all that is built in: arch policy, ima_policy=secure_boot, build-time rules.
 */
function findBuiltinRule(machine: MachineFacts): string | undefined {
  const { kernel: { config = {} } = {} } = machine;
  if (findArchPolicy(machine) === 'on' && config.KEXEC_SIG !== 'y') return ARCH_POLICY_ON;
  if (findImaPolicies(machine).includes('secure_boot')) return 'ima_policy=secure_boot';
  return config.IMA_APPRAISE_REQUIRE_KEXEC_SIGS === 'y'
    ? 'CONFIG_IMA_APPRAISE_REQUIRE_KEXEC_SIGS'
    : undefined;
}

/** The values of `ima_policy=`; `ima_appraise_tcb` is the old form of one (`policy_setup()`). */
function findImaPolicies({ commandLine = '' }: MachineFacts): string[] {
  return [
    ...findParameterValues(commandLine, 'ima_appraise_tcb').map(() => 'appraise_tcb'),
    ...findParameterValues(commandLine, 'ima_policy').flatMap((value) => value.split(/[ |\n]/)),
  ];
}

/**
 * Under Secure Boot, and without CONFIG_IMA_APPRAISE_BOOTPARAM, `ima_appraise=` has no effect
 * (`default_appraise_setup()`).
 */
function isAppraisalEnforced(machine: MachineFacts): boolean {
  const { commandLine = '', kernel: { config } = {} } = machine;
  const hasParameter = config === undefined || config.IMA_APPRAISE_BOOTPARAM === 'y';
  if (!hasParameter || readImaSecureBoot(machine) === true) return true;
  const mode = findParameterValues(commandLine, 'ima_appraise').at(-1) ?? '';
  return !/^(off|log|fix)/.test(mode);
}
