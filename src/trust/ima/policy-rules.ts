/**
 * IMA's policy as text: a rule on each line, in the order in which the kernel tries them
 * (Documentation/ABI/testing/ima_policy).
 */

/** What the kernel's IMA does with the kernel file of kexec_file_load, by one hook. */
export interface AppraiseRule {
  readonly action: 'appraise' | 'dont_appraise';
  /** The value of `appraise_type=`: `imasig`, `imasig|modsig`; absent if a digest is enough. */
  readonly type?: string;
  /** Conditions on the file or the process that a policy cannot decide: `fsmagic=0x9fa0`. */
  readonly conditions: readonly string[];
  readonly text: string;
}

export type KexecHook = 'KEXEC_KERNEL_CHECK' | 'KEXEC_INITRAMFS_CHECK';

/** Words of a rule that hold for every kexec by root of a file that root owns, or that say nothing of which files. */
const HARMLESS =
  /^(func|appraise_type|appraise_flag|appraise_algos|digest_type|template|pcr|permit_directio|(uid|euid|fowner|gid|egid|fgroup)=0$|mask=\^?MAY_READ$)/;

/**
 * Finds the appraise rules that can apply to a hook, in order. The first one that applies decides, so the list ends
 * with the first rule without conditions.
 */
export function findAppraiseRules(policy: string, hook: KexecHook): AppraiseRule[] {
  const rules = listRules(policy, hook);
  const last = rules.findIndex(({ conditions }) => conditions.length === 0);
  return last < 0 ? rules : rules.slice(0, last + 1);
}

/** All rules that appraise or spare files of a hook, in order. */
function listRules(policy: string, hook: KexecHook): AppraiseRule[] {
  return policy
    .split('\n')
    .map((line) => parseRule(line, hook))
    .filter((rule) => rule !== undefined);
}

/**
 * Whether the kernel counts on IMA to see a signature of every file of a hook: by the first rule with `appraise` for it,
 * whatever that rule's conditions are, and whatever "dont_appraise" stands before it. Kernel function
 * `ima_appraise_signature()`.
 */
export function isSignatureAppraised(policy: string, hook: KexecHook): boolean {
  return listRules(policy, hook).find(({ action }) => action === 'appraise')?.type !== undefined;
}

/**
 * Finds a rule that appraises kernels and nothing else. One anywhere in the policy makes IMA refuse kexec_load: kernel
 * functions `ima_appraise_flag()`, `ima_load_data()`.
 *
 * @returns undefined if there is none
 */
export function findKernelRule(policy: string): AppraiseRule | undefined {
  return listRules(policy, 'KEXEC_KERNEL_CHECK').find(
    ({ action, text }) => action === 'appraise' && text.includes('func='),
  );
}

/** @returns undefined for rules that appraise nothing, or for another hook */
function parseRule(line: string, hook: KexecHook): AppraiseRule | undefined {
  const [action, ...words] = line.trim().split(/\s+/);
  if (action !== 'appraise' && action !== 'dont_appraise') return undefined;
  const readWord = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const func = readWord('func');
  if (func !== undefined && func !== hook) return undefined;
  const type = readWord('appraise_type');
  return {
    action,
    ...(type === undefined ? {} : { type }),
    conditions: words.filter((word) => !HARMLESS.test(word)),
    text: line.trim(),
  };
}
