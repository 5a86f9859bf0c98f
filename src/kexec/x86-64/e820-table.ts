import { intersection, type Range, size, subtract } from '../../base/range.js';
import { MIB } from '../../base/u64.js';
import { MAX_E820_ENTRIES } from '../../formats/boot-params-fields.js';
import { E820_ACPI, E820_NVS, E820_RAM, E820_RESERVED } from '../../formats/e820.js';
import type { E820Entry, X86Machine } from '../../machine/x86-64/x86-machine.js';

const PAGE_SIZE = 4096n;

/** The resources of /proc/iomem in the memory map of a crash kernel, in this order. */
const CRASH_RESOURCES: readonly (readonly [name: string, type: number])[] = [
  ['ACPI Tables', E820_ACPI],
  ['ACPI Non-volatile Storage', E820_NVS],
  ['Reserved', E820_RESERVED],
];

/** A memory map for the next kernel, and the entries that it has no room for. */
export interface E820Table {
  readonly entries: readonly E820Entry[];
  readonly dropped: readonly E820Entry[];
}

/** The memory map of a kernel that replaces the running one: kernel function `setup_e820_entries()`. */
export function buildE820({ x86: { e820 = [] } }: X86Machine): E820Table {
  return limit(e820);
}

/**
 * The memory map of a crash kernel: kernel function `crash_setup_memmap_entries()`. It is made from resources, not from the
 * firmware's map, so memory that the running kernel has taken out of that is missing.
 *
 * @param taken - the memory of the ELF core header and of dm-crypt keys, exact to the byte
 */
export function buildCrashE820(machine: X86Machine, taken: readonly Range[]): E820Table {
  const { memory, crashRegion, crashCma = [], x86 } = machine;
  const low = memory.flatMap((range) => intersection(range, { start: 0n, end: MIB }) ?? []);
  const resources = CRASH_RESOURCES.flatMap(([wanted, type]) =>
    (x86.resources ?? []).filter(({ name }) => name === wanted).map(({ range }) => ({ range, type })),
  );
  const region = crashRegion === undefined ? [] : subtract([crashRegion.high], taken);
  const usable = region.filter((range) => size(range) >= PAGE_SIZE);
  const lowRegion = crashRegion?.low === undefined ? [] : [crashRegion.low];
  const more = [...lowRegion, ...usable, ...crashCma];
  return limit([...low.map(asRam), ...resources, ...more.map(asRam)]);
}

function asRam(range: Range): E820Entry {
  return { range, type: E820_RAM };
}

function limit(entries: readonly E820Entry[]): E820Table {
  return {
    entries: entries.slice(0, MAX_E820_ENTRIES),
    dropped: entries.slice(MAX_E820_ENTRIES),
  };
}
