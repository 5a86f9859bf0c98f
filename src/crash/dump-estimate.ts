import { subtractFromEach, totalSize } from '../base/range.js';
import { KIB } from '../base/u64.js';
import { listCaptureMemory } from '../machine/crash-regions.js';
import { listRam, type MachineFacts } from '../machine/machine-facts.js';
import { FILTER_LEVELS } from '../vmcore/save/filter.js';

/** How large a dump of a running machine would be now, in bytes. */
export interface DumpEstimate {
  /** All RAM outside of the crash regions: the size of /proc/vmcore. */
  readonly memory: bigint;
  /** What remains after the filter, without compression. */
  readonly atMost: bigint;
}

/**
 * The lines of /proc/meminfo that count pages which a level leaves out for certain. Of the page cache, the level `cache`
 * keeps pages with private data of file systems, whose number is not reported: only `cache-private` counts.
 */
const COUNTED: readonly { readonly level: number; readonly names: readonly string[] }[] = [
  { level: FILTER_LEVELS['cache-private'], names: ['Cached', 'Buffers', 'SwapCached'] },
  { level: FILTER_LEVELS.user, names: ['AnonPages'] },
  { level: FILTER_LEVELS.free, names: ['MemFree'] },
];

/**
 * Estimates the size of a dump from what the running kernel reports of its memory.
 *
 * @param meminfo - the text of /proc/meminfo
 * @param filter - the levels, added up
 */
export function estimateDump(machine: MachineFacts, meminfo: string, filter: number): DumpEstimate {
  const memory = totalSize(subtractFromEach(listRam(machine), listCaptureMemory(machine)));
  const leftOut = COUNTED.filter(({ level }) => (filter & level) !== 0)
    .flatMap(({ names }) => names)
    .reduce((sum, name) => sum + readMeminfo(meminfo, name), 0n);
  return { memory, atMost: memory > leftOut ? memory - leftOut : 0n };
}

/** A line of /proc/meminfo in bytes; 0 if there is none. */
function readMeminfo(meminfo: string, name: string): bigint {
  const kibibytes = new RegExp(`^${name}: +(\\d{1,15}) kB$`, 'm').exec(meminfo)?.[1];
  return BigInt(kibibytes ?? 0) * KIB;
}
