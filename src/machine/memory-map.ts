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
 * With the parameter `movable_node`, the kernel places no segment in hot-pluggable memory (`should_skip_region()`). It
 * is dumped all the same, so it is RAM that is reserved.
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
 * memblock's lists, as the kernel walks them: its dump has all memory but `NOMAP` (`for_each_mem_range()`), its
 * segments avoid what drivers manage, too (`for_each_free_mem_range()`, `should_skip_region()`).
 *
 * Linux 6.6 to 6.12 print one flag of a region, the first of `HOTPLUG`, `MIRROR`, `NOMAP`, `DRV_MNG`; older ones none.
 * Where another may be hidden, iomem decides: only mapped memory is "System RAM" there, and what drivers manage has
 * their name.
 */
function readMemblockMap(
  { memory, reserved, hotpluggable }: MemblockTexts,
  resources: readonly Resource[] | undefined,
): HotplugMap {
  const mapped = parseMemblock(memory).filter(({ flags }) => !flags.includes('NOMAP'));
  const hasFlags = printsFlags(memory);
  const isSure = ({ flags }: MemblockRegion): boolean =>
    resources === undefined || (hasFlags && !flags.includes('HOTPLUG') && !flags.includes('MIRROR'));
  const unsure = rangesOf(mapped.filter((region) => !isSure(region)));
  const isDriverManaged = ({ flags }: MemblockRegion): boolean => flags.includes('DRV_MNG');
  const sure = mapped.filter(isSure);
  return {
    memorySource: 'memblock',
    memory: inOrder([
      ...rangesOf(sure.filter((region) => !isDriverManaged(region))),
      ...intersectEach(unsure, findSystemRam(resources ?? [])),
    ]),
    reserved: rangesOf(parseMemblock(reserved)),
    ...withDriverManaged(
      inOrder([
        ...rangesOf(sure.filter(isDriverManaged)),
        ...intersectEach(unsure, findDriverManagedRam(resources ?? [])),
      ]),
    ),
    hotpluggable: [...hotpluggable, ...rangesOf(mapped.filter(({ flags }) => flags.includes('HOTPLUG')))],
  };
}

function rangesOf(regions: readonly MemblockRegion[]): Range[] {
  return regions.map(({ range }) => range);
}

function inOrder(ranges: Range[]): Range[] {
  return ranges.sort((a, b) => (a.start < b.start ? -1 : 1));
}

function withDriverManaged(ranges: readonly Range[]): Pick<MemoryMap, 'driverManaged'> {
  return ranges.length === 0 ? {} : { driverManaged: ranges };
}
