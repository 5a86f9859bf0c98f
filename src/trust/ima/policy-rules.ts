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
  const rules: AppraiseRule[] = [];
  for (const line of policy.split('\n')) {
    const rule = parseRule(line, hook);
    if (rule === undefined) continue;
    rules.push(rule);
    if (rule.conditions.length === 0) break;
  }
  return rules;
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
