/**
 * The names of the rules by which kernels have placed segments: `mainline` is Linux 6.12 and later, `v3` the patch
 * series of 2017. An architecture supports some of them.
 */
export const RULE_NAMES = ['mainline', 'v3'] as const;

export type RuleName = (typeof RULE_NAMES)[number];
