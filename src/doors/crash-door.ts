/**
 * Before a crash: the ELF core header, the size of the crash region, the initrd of a capture kernel.
 *
 * @example
 * ```js
 * import { buildElfcorehdr, parseElfcorehdr } from 'kexec-file/crash';
 * import { PRESETS } from 'kexec-file/machine';
 *
 * const { loads } = parseElfcorehdr(buildElfcorehdr(PRESETS['qemu-virt']()));
 * console.log(`${loads.length} range of memory`);
 * // → 1 range of memory
 * ```
 *
 * @packageDocumentation
 */

export {
  buildCaptureInitrd,
  CAPTURE_ENDS,
  type CaptureInitrd,
  type CaptureModule,
} from '../crash/capture/capture-initrd.js';
export { type CaptureTarget, parseCaptureTarget } from '../crash/capture/capture-target.js';
export { buildElfcorehdr, type Elfcorehdr, findDumpedRanges, parseElfcorehdr } from '../crash/elfcorehdr.js';
export {
  type CrashEstimate,
  type CrashKernelFiles,
  type EstimatedPart,
  estimateCrashRegion,
} from '../crash/estimate.js';
export { type LintReport, lintCore } from '../crash/lint.js';
export type { Finding } from '../crash/lint-finding.js';
export { buildEstimateJson } from '../view/json/estimate-json.js';
export { formatEstimate, formatLintReport } from '../view/text/crash-text.js';
