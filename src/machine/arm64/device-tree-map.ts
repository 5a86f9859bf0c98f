import { intersectEach, type Range } from '../../base/range.js';
import { alignDown, GIB, minimum, U64_LIMIT } from '../../base/u64.js';
import { findNode, getProperty } from '../../formats/fdt/edit.js';
import type { Fdt } from '../../formats/fdt/tree.js';
import { readFirstText } from '../../formats/fdt/values.js';
import { findParameterValues } from '../command-line.js';
import { findReservations, hasUefiMap } from '../device-tree.js';
import { findHotpluggable, findMemory } from '../device-tree-memory.js';
import { avoidHotpluggable, type MemoryMap } from '../memory-map.js';
import { memparse } from '../memparse.js';

/** What decides about the RAM of a device tree, beside the tree. */
export interface RunningKernel {
  /** In bytes. */
  readonly pageSize: number;
  /** Options of its configuration, without `CONFIG_`. */
  readonly config: Readonly<Record<string, string>>;
  /** Its command line; that of the device tree, if left out. */
  readonly commandLine?: string | undefined;
}

/** The least `CONFIG_ARM64_PA_BITS`: every arm64 kernel addresses this much. */
const PA_BITS = 48;

/** `VA_BITS_MIN`: a kernel for 52 bits runs with 48 on a CPU that has no more. */
const MAX_SURE_VA_BITS = 48;

/** `ARM64_MEMSTART_ALIGN`; half of it with pages of 64 KiB. */
const LINEAR_MAP_ALIGNMENT = GIB;

/**
 * The memory map of a device tree, as arm64 reads it when it boots (`arm64_memblock_init()`): {@link findMemory}, less
 * what the kernel cannot address, and less what `mem=` hides.
 *
 * @returns a map without RAM if the kernel takes its map from UEFI (`efi_init()` drops what the tree says)
 */
export function readDeviceTreeMap(fdt: Fdt, kernel: RunningKernel): MemoryMap {
  const commandLine = kernel.commandLine ?? readBootargs(fdt);
  const hasNuma = !/^off/.test(findParameterValues(commandLine, 'numa').at(-1) ?? '');
  const memory = hasUefiMap(fdt) ? [] : findMemory(fdt, kernel.pageSize, hasNuma);
  const map = {
    memorySource: 'device-tree',
    memory: limitMemory(keepAddressable(memory, kernel), commandLine, kernel.pageSize),
    reserved: findReservations(fdt),
    hotpluggable: findHotpluggable(fdt, kernel.pageSize),
  } as const;
  return avoidHotpluggable(map, commandLine);
}

/** Drops RAM beyond `CONFIG_ARM64_PA_BITS`, and beyond the linear map, which begins near the lowest RAM. */
function keepAddressable(memory: readonly Range[], { config, pageSize }: RunningKernel): Range[] {
  const physical = { start: 0n, end: 1n << BigInt(readBits(config.ARM64_PA_BITS) ?? PA_BITS) };
  const addressable = intersectEach(memory, [physical]);
  const virtualBits = readBits(config.ARM64_VA_BITS) ?? MAX_SURE_VA_BITS;
  const alignment = pageSize === 65536 ? LINEAR_MAP_ALIGNMENT / 2n : LINEAR_MAP_ALIGNMENT;
  const start = alignDown(addressable[0]?.start ?? 0n, alignment);
  const length = 1n << BigInt(Math.min(virtualBits, MAX_SURE_VA_BITS) - 1);
  return intersectEach(addressable, [{ start, end: minimum(start + length, U64_LIMIT) }]);
}

/** A number of address bits. */
function readBits(text: string | undefined): number | undefined {
  return text !== undefined && /^(3[6-9]|4\d|5[0-2])$/.test(text) ? Number(text) : undefined;
}

/**
 * Keeps the lowest bytes of RAM that the last `mem=` allows, if it is not 0: `early_mem()`,
 * `memblock_mem_limit_remove_map()`.
 */
function limitMemory(memory: Range[], commandLine: string, pageSize: number): Range[] {
  let left = alignDown(memparse(findParameterValues(commandLine, 'mem').at(-1) ?? ''), BigInt(pageSize));
  if (left === 0n) return memory;
  return memory.flatMap(({ start, end }) => {
    const kept = { start, end: minimum(end, start + left) };
    left -= kept.end - start;
    return kept.end > start ? [kept] : [];
  });
}

function readBootargs(fdt: Fdt): string {
  const chosen = findNode(fdt, '/chosen');
  const bootargs = chosen && getProperty(chosen, 'bootargs');
  return bootargs === undefined ? '' : readFirstText(bootargs);
}
