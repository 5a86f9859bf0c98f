/**
 * Explanations: a trail in words, the checks behind an errno, and what a kernel's log says about kexec and kdump.
 *
 * @example
 * ```js
 * import { KernelLog } from 'kexec-file/explain';
 *
 * const log = new KernelLog();
 * log.read('[   12.3] kexec_file: kernel signature verification failed (-129).');
 * for (const { errno, checks } of log.matches) console.log(`${errno}: ${checks.length} checks`);
 * // → EKEYREJECTED: 12 checks
 * ```
 *
 * @packageDocumentation
 */

export { type CheckGroup, findGroup } from '../base/checks.js';
export { parseErrno } from '../base/errno.js';
export {
  type Candidate,
  findCandidates,
  findChecksByErrno,
  type KnownFacts,
  type Standing,
} from '../explain/candidates.js';
export type { Severity } from '../explain/causes/cause.js';
export type { ErrnoCause } from '../explain/causes/errno-causes.js';
export {
  type ExplainedEntry,
  type Explanation,
  explainTrail,
  type NamedCheck,
} from '../explain/explanation.js';
export {
  KernelLog,
  type KernelLogOptions,
  type LogCheck,
  type LogLine,
  type LogMatch,
} from '../explain/kernel-log.js';
export { buildExplanationJson } from '../view/json/plan-json.js';
export { formatCandidates } from '../view/text/candidates-text.js';
export { type ExplanationTextOptions, formatExplanation } from '../view/text/explanation-text.js';
export { formatLogMatches } from '../view/text/kernel-log-text.js';
