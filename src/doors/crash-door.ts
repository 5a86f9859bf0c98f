/**
 * Before a crash: the ELF core header, the size of the crash region, the initrd of a capture kernel.
 *
 * @example
 * ```js
 * import { estimateCrashRegion } from 'kexec-file/crash';
 * import { PRESETS } from 'kexec-file/machine';
 *
 * const MIB = 1n << 20n;
 * const files = { kernel: 40n * MIB, initrd: { packed: 30n * MIB } };
 * console.log(estimateCrashRegion(files, PRESETS['qemu-virt']()).parameter);
 * // → crashkernel=288M
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
export { type Elfcorehdr, findDumpedRanges, parseElfcorehdr } from '../crash/elfcorehdr.js';
export {
  type CrashEstimate,
  type CrashKernelFiles,
  type EstimatedPart,
  estimateCrashRegion,
} from '../crash/estimate.js';
export { type LintReport, lintCore } from '../crash/lint.js';
export type { Finding } from '../crash/lint-finding.js';
export { buildElfcorehdr } from '../kexec/build-elfcorehdr.js';
export type { BootLoader } from '../machine/boot-loader.js';
export { buildEstimateJson } from '../view/json/estimate-json.js';
export { formatEstimate, formatLintReport } from '../view/text/crash-text.js';
