/**
 * The names of the rules by which kernels have placed segments. `mainline` stands for those of the machine's own kernel,
 * by the facts that are known about it; `6.12` and `7.3` are those of these releases of Linux, `v3` the patch series of
 * 2017. An architecture supports some of them.
 */
export const RULE_NAMES = ['mainline', '6.12', '7.3', 'v3'] as const;

export type RuleName = (typeof RULE_NAMES)[number];
