/**
 * What the running kernel's IMA demands of a kernel: by its recorded policy or, without it, by its configuration,
 * command line and Secure Boot. Source: security/integrity/ima/{ima_policy,ima_appraise,ima_main,ima_efi}.c of Linux
 * 6.12.
 */

import { isReleaseBefore } from '../../base/kernel-release.js';
import { findParameterValues } from '../../machine/command-line.js';
import { readSecureBoot } from '../../machine/efi-facts.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import { type AppraiseRule, findAppraiseRules, type KexecHook } from './policy-rules.js';

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
  /** Whether the rule is one for kernels, and not for all files of root. */
  readonly isForKexec: boolean;
}

/** A gate that is shut, and why. */
export interface ImaGate {
  readonly because: string;
}

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
  if (config.IMA !== 'y' || config.IMA_APPRAISE !== 'y') return undefined;
  const isEnforced = isAppraisalEnforced(machine);
  const because = hook === 'KEXEC_KERNEL_CHECK' ? findBuiltinRule(machine) : undefined;
  if (because !== undefined)
    return { demand: 'signature', because, isEnforced, isCertain: true, isForKexec: true };
  return findImaPolicies(machine).includes('appraise_tcb')
    ? { demand: 'digest', because: 'ima_policy=appraise_tcb', isEnforced, isCertain: true, isForKexec: false }
    : undefined;
}

/** Why IMA refuses every kexec_load(2) with EACCES: there is no file that it could appraise (`ima_load_data()`). */
export function findSegmentsGate(machine: MachineFacts): ImaGate | undefined {
  const { kernel: { config = {} } = {} } = machine;
  if (config.IMA === 'y' && config.KEXEC_SIG === 'y' && readSecureBoot(machine) === true)
    return { because: 'Secure Boot is on, and the kernel has CONFIG_KEXEC_SIG' };
  const appraisal = findAppraisal(machine);
  // Only rules for this very hook set IMA_APPRAISE_KEXEC.
  if (appraisal === undefined || !appraisal.isForKexec || !appraisal.isEnforced) return undefined;
  return { because: appraisal.because };
}

/**
 * Whether IMA has seen a signature of every kernel that kexec_file_load reads. Then lockdown lets the kernel load
 * without one in its PE file: `ima_appraise_signature()`, called by `kimage_validate_signature()`.
 */
export function guaranteesSignature(machine: MachineFacts): boolean {
  const appraisal = findAppraisal(machine);
  return (
    appraisal !== undefined && appraisal.demand !== 'digest' && appraisal.isEnforced && appraisal.isCertain
  );
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
  // The rules for EFI were x86's alone before.
  if (machine.architecture === 'arm64' && isReleaseBefore(machine.kernel?.release, 5, 11) === true)
    return undefined;
  const isOn = readSecureBoot(machine);
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
    ? { because: 'CONFIG_IMA_ARCH_POLICY with Secure Boot on' }
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
    isForKexec: text.includes('func='),
  };
}

/**
 * What demands signatures of kernels, of all that is built in: arch policy, ima_policy=secure_boot, build-time rules.
 */
function findBuiltinRule(machine: MachineFacts): string | undefined {
  const { kernel: { config = {} } = {} } = machine;
  if (findArchPolicy(machine) === 'on' && config.KEXEC_SIG !== 'y')
    return 'CONFIG_IMA_ARCH_POLICY with Secure Boot on';
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
  if (!hasParameter || readSecureBoot(machine) === true) return true;
  const modes = findParameterValues(commandLine, 'ima_appraise').filter((mode) =>
    /^(off|log|fix|enforce)/.test(mode),
  );
  return modes.length === 0 || modes.at(-1)?.startsWith('enforce') === true;
}
