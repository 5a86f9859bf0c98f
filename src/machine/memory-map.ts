import { intersectEach, type Range } from '../base/range.js';
import { findDriverManagedRam, findSystemRam, findTakenRam, type Resource } from '../formats/iomem.js';
import { type MemblockRegion, parseMemblock, printsFlags } from '../formats/memblock.js';
import type { Collected } from './collected.js';
import { parseKernelParameters } from './command-line.js';
import type { MachineFacts } from './machine-facts.js';

/** A machine's RAM, and where that was read. */
export type MemoryMap = Pick<MachineFacts, 'memorySource' | 'memory' | 'reserved' | 'driverManaged'>;

/** memblock's lists as they were collected, and the hot-pluggable RAM of the device tree. */
interface MemblockTexts {
  readonly memory: string;
  readonly reserved: string;
  readonly hotpluggable: readonly Range[];
}

/**
 * The memory map by the most exact source: memblock's own lists, else `/proc/iomem`.
 *
 * @param resources - of `/proc/iomem`
 * @param hotpluggable - the RAM that the device tree calls so, for sources that do not say it
 * @returns undefined if neither was collected
 * @throws KexecError `EINVAL`, check `memblock-line`, for a malformed list.
 */
export function readMemoryMap(
  { 'memblock-memory': memory, 'memblock-reserved': reserved, cmdline = '' }: Collected,
  resources: readonly Resource[] | undefined,
  hotpluggable: readonly Range[],
): MemoryMap | undefined {
  const map =
    memory !== undefined && reserved !== undefined
      ? readMemblockMap({ memory, reserved, hotpluggable }, resources)
      : resources && readIomemMap(resources, hotpluggable);
  return map && avoidHotpluggable(map, cmdline);
}

/** A map, and the RAM that may be unplugged. */
export type HotplugMap = MemoryMap & { readonly hotpluggable: readonly Range[] };

/**
 * With the parameter `movable_node`, the kernel places no segment in hot-pluggable memory (`should_skip_region()`). It is
 * dumped all the same, so it is RAM that is reserved.
 */
export function avoidHotpluggable({ hotpluggable, ...map }: HotplugMap, commandLine: string): MemoryMap {
  const isAvoided = parseKernelParameters(commandLine).some(({ name }) => name === 'movable_node');
  return isAvoided ? { ...map, reserved: [...map.reserved, ...hotpluggable] } : map;
}

function readIomemMap(resources: readonly Resource[], hotpluggable: readonly Range[]): HotplugMap {
  return {
    memorySource: 'iomem',
    memory: findSystemRam(resources),
    reserved: findTakenRam(resources),
    ...withDriverManaged(findDriverManagedRam(resources)),
    hotpluggable,
  };
}

/**
 * memblock's lists, as the kernel walks them: its dump has all memory but `NOMAP` (`for_each_mem_range()`), its segments
 * avoid what drivers manage, too (`for_each_free_mem_range()`, `should_skip_region()`).
 *
 * A kernel before 6.6 does not print the flags. Then iomem has them: only mapped memory is "System RAM" there, and what
 * drivers manage has their name.
 */
function readMemblockMap(
  { memory, reserved, hotpluggable }: MemblockTexts,
  resources: readonly Resource[] | undefined,
): HotplugMap {
  const mapped = parseMemblock(memory).filter(({ flags }) => !flags.includes('NOMAP'));
  const rangesOf = (regions: readonly MemblockRegion[]): Range[] => regions.map(({ range }) => range);
  const taken = rangesOf(parseMemblock(reserved));
  if (!printsFlags(memory) && resources !== undefined) {
    return {
      memorySource: 'memblock',
      memory: intersectEach(rangesOf(mapped), findSystemRam(resources)),
      reserved: taken,
      ...withDriverManaged(intersectEach(rangesOf(mapped), findDriverManagedRam(resources))),
      hotpluggable,
    };
  }
  const isDriverManaged = ({ flags }: MemblockRegion): boolean => flags.includes('DRV_MNG');
  return {
    memorySource: 'memblock',
    memory: rangesOf(mapped.filter((region) => !isDriverManaged(region))),
    reserved: taken,
    ...withDriverManaged(rangesOf(mapped.filter(isDriverManaged))),
    hotpluggable: [...hotpluggable, ...rangesOf(mapped.filter(({ flags }) => flags.includes('HOTPLUG')))],
  };
}

function withDriverManaged(ranges: readonly Range[]): Pick<MemoryMap, 'driverManaged'> {
  return ranges.length === 0 ? {} : { driverManaged: ranges };
}
