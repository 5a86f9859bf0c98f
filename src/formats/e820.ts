/** The memory map of a PC's firmware: ACPI specification, "System Address Map Interfaces"; kernel's `enum e820_type`. */

/** Usable memory. */
export const E820_RAM = 1;
export const E820_RESERVED = 2;
export const E820_ACPI = 3;
export const E820_NVS = 4;

/** The types by the names that /sys/firmware/memmap has: kernel function `e820_type_to_string()`. */
const TYPES_BY_NAME: ReadonlyMap<string, number> = new Map([
  ['System RAM', E820_RAM],
  ['Reserved', E820_RESERVED],
  ['ACPI Tables', E820_ACPI],
  ['ACPI Non-volatile Storage', E820_NVS],
  ['Unusable memory', 5],
  ['Persistent Memory', 7],
  ['Persistent Memory (legacy)', 12],
  ['Soft Reserved', 0xefff_ffff],
]);

/** The type of an entry of /sys/firmware/memmap. @returns undefined for an unknown name */
export function findE820Type(name: string): number | undefined {
  return TYPES_BY_NAME.get(name);
}

/** The name of a type, as /sys/firmware/memmap and /proc/iomem have it: `Unknown E820 type` if the kernel has none. */
export function nameE820Type(type: number): string {
  return [...TYPES_BY_NAME].find(([, number]) => number === type)?.[0] ?? 'Unknown E820 type';
}
