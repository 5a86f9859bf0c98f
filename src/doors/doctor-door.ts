/**
 * Diagnosis: what stops kexec or kdump on a machine, each finding with its cure.
 *
 * @example
 * ```js
 * import { diagnose } from 'kexec-file/doctor';
 * import { PRESETS } from 'kexec-file/machine';
 *
 * const findings = diagnose(PRESETS['qemu-virt'](), {});
 * for (const { topic, severity } of findings.slice(0, 2)) console.log(`${topic}: ${severity}`);
 * // → memory: warns
 * // → kernel-options: unknown
 * ```
 *
 * @packageDocumentation
 */

export type { DumpTargetFolder } from '../crash/dump-room.js';
export { diagnose } from '../doctor/diagnose.js';
export { type About, type Finding, SEVERITIES, type Severity, stops, type Topic } from '../doctor/finding.js';
export type { CaptureFileFacts, IntendedLoad, IntendedTrust, LiveFacts } from '../doctor/intended-load.js';
export { openIntendedKernel } from '../doctor/open-intended-kernel.js';
export type {
  InitrdMember,
  InitrdProblem,
  InitrdReport,
} from '../kernel-file/initrd/initrd-report.js';
export type { KernelOptions } from '../machine/kernel-config.js';
export { formatFindings } from '../view/text/doctor-text.js';
