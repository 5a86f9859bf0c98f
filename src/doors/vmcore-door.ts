/**
 * Dumps of crashed kernels: ELF vmcores, makedumpfile's compressed and flattened dumps; their log, what crashed, copies
 * without unneeded pages.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { summarizeVmcore, formatDmesgLine, openVmcore } from 'kexec-file/vmcore';
 *
 * const vmcore = openVmcore(await readFile('vmcore'));
 * const lines = [...vmcore.log()].map((record) => new TextDecoder().decode(formatDmesgLine(record)));
 * console.log(`${summarizeVmcore(vmcore).release}: ${lines.length} lines`);
 * // → 6.12.117-kexec-oracle: 205 lines
 * ```
 *
 * @packageDocumentation
 */

export type { ElfNote } from '../formats/elf/notes.js';
export type { Compression as PageCompression } from '../formats/kdump/write.js';
export type { Vmcoreinfo } from '../machine/vmcoreinfo-lines.js';
export { buildLogRecordJson, buildVmcoreInfoJson } from '../view/json/vmcore-json.js';
export { formatVmcoreInfo } from '../view/text/vmcore-text.js';
export type { AddressSpace, Mapping } from '../vmcore/address/address-space.js';
export type { VirtualMemory } from '../vmcore/address/virtual-memory.js';
export type { VmcoreinfoFacts } from '../vmcore/address/vmcoreinfo.js';
export type { DumpArchitecture, GdbUnwinding, ReadVirtual, StackPages } from '../vmcore/architecture.js';
export { formatDmesgLine } from '../vmcore/log/dmesg.js';
export type { LogRecord } from '../vmcore/log/log-record.js';
export type { DumpedRange, DumpMemory } from '../vmcore/open/dump-memory.js';
export type { Dump } from '../vmcore/open/open-dump.js';
export { openVmcore, type Vmcore } from '../vmcore/open/open-vmcore.js';
export type { DumpSink, DumpTarget, LeftOut, Saved, SaveProgress } from '../vmcore/save/dump-target.js';
export { FILTER_LEVELS, type FilterLevel, parseFilter } from '../vmcore/save/filter.js';
export type { Pack, PackedRun, RunPlan } from '../vmcore/save/pack-run.js';
export type { CreateRunPacker, FinishedRun, RunPacker } from '../vmcore/save/run-packer.js';
export { type SaveOptions, saveVmcore, splitVmcore, streamVmcore } from '../vmcore/save/save-dump.js';
export type { SavedParts } from '../vmcore/save/save-split-kdump.js';
export type { CpuState, RegisterLayout } from '../vmcore/summary/cpu-states.js';
export { buildGdbArguments } from '../vmcore/summary/gdb-arguments.js';
export type { Uts } from '../vmcore/summary/uts.js';
export { summarizeVmcore, type VmcoreSummary } from '../vmcore/summary/vmcore-summary.js';
