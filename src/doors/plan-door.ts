/**
 * Plans a load: where the kernel, its initrd, its device tree and purgatory go on a machine, or why the kernel refuses.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { PRESETS } from 'kexec-file/machine';
 * import { plan } from 'kexec-file/plan';
 *
 * const machine = PRESETS['qemu-virt']();
 * const result = await plan(await readFile('vmlinuz'), { machine, commandLine: 'console=ttyAMA0' });
 * if ('refusal' in result) throw result.refusal;
 * for (const { name, mem } of result.kimage.segments) console.log(`${name} at 0x${mem.toString(16)}`);
 * // → kernel at 0x40200000
 * // → dtb at 0xbfe00000
 * // → purgatory at 0xbfff1000
 * ```
 *
 * @packageDocumentation
 */

export { kexecFileLoad, type LoadResult } from '../kexec/file-load.js';
export { ON_MISMATCH, type OnMismatch, type PurgatoryOptions } from '../kexec/hand-over-options.js';
export { type IdentifiedLoad, identifyKernel, type KernelIdentity } from '../kexec/identify-kernel.js';
export type {
  Kimage,
  KimageType,
  Segment,
  SegmentName,
} from '../kexec/kimage.js';
export { buildKimageElf } from '../kexec/kimage-elf.js';
export { type KernelFileResult, loadKernelFile } from '../kexec/load-kernel-file.js';
export type { LoadCall, LoadOptions } from '../kexec/load-options.js';
export { type OpenedRequest, openKernelFile } from '../kexec/open-kernel-file.js';
export { type PlanOptions, plan } from '../kexec/plan-kernel.js';
export type { LoadRequest } from '../kexec/request.js';
export { RULE_NAMES, type RuleName } from '../kexec/rule-names.js';
export { findTreeChanges } from '../kexec/tree-changes.js';
export type { SerialPort } from '../machine/console.js';
export type { RunningPart } from '../machine/running-memory.js';
export { buildPlanJson } from '../view/json/plan-json.js';
export type { DeepReadonly, Report, ReportName, Reports } from '../view/json/schemas/report-schemas.js';
export type { Ground } from '../view/memory-map/ground.js';
export { buildMemoryRows, type MemoryRow } from '../view/memory-map/map-rows.js';
export { drawMemoryMap, type PictureOptions } from '../view/memory-map/map-svg.js';
export { formatMemoryMap } from '../view/memory-map/map-text.js';
export type { NextUse } from '../view/memory-map/next-uses.js';
export { formatPlanPage, type PlanPageOptions } from '../view/plan-page/plan-page.js';
export type { ViewOptions } from '../view/text/layout.js';
export type { View } from '../view/text/make-view.js';
export { formatOutcome, type NamedKernel, type PlannedLoad } from '../view/text/outcome-text.js';
export { formatPlan } from '../view/text/plan-text.js';
export type { Printable } from '../view/text/printable.js';
export { formatRefusal, formatTrail } from '../view/text/trail-text.js';
