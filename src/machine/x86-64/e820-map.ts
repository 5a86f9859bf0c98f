/** The memory map of x86 firmware, as the running kernel shows it. */
import { BoundedBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { isEmpty, rangeOf } from '../../base/range.js';
import { BOOT_PARAMS_AT, E820_ENTRY_SIZE, MAX_E820_ENTRIES } from '../../formats/boot-params-fields.js';
import { findE820Type } from '../../formats/e820.js';
import type { E820Entry } from './x86-machine.js';

/**
 * Reads the memory map in a `struct boot_params`: what the boot loader, or the EFI stub, gave the kernel.
 *
 * @returns at most 128 entries, in their order
 * @throws KexecError `EINVAL`, check `machine-text`, if it is cut short, or an entry leaves 64 bits.
 */
export function readE820Table(bootParams: Uint8Array): E820Entry[] {
  const blame = { what: 'boot_params', check: 'machine-text', errno: 'EINVAL' } as const;
  const file = new BoundedBytes(bootParams, blame);
  const count = Math.min(file.u8(BOOT_PARAMS_AT.e820Entries), MAX_E820_ENTRIES);
  return Array.from({ length: count }, (_, index) => {
    const at = BOOT_PARAMS_AT.e820Table + index * E820_ENTRY_SIZE;
    return { range: rangeOf(file.u64le(at), file.u64le(at + 8)), type: file.u32le(at + 16) };
  });
}

/**
 * The memory map that a kernel was booted with.
 *
 * @returns undefined if it is not known as a whole: its boot parameters were not recorded, or they have an empty map, as under
 *   Xen, or one of 128 entries, which may be cut off
 * @throws KexecError as {@link readE820Table}.
 */
export function readBootE820(bootParams: Uint8Array | undefined): E820Entry[] | undefined {
  const entries = bootParams === undefined ? [] : readE820Table(bootParams);
  return entries.length === 0 || entries.length === MAX_E820_ENTRIES ? undefined : entries;
}

const LINE = /^\d{1,9} 0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) (.+)$/;

/**
 * Parses `/sys/firmware/memmap`: a line `N START END TYPE` for each entry, with the contents of its files. Ends are
 * inclusive there.
 *
 * @returns lowest first; the kernel numbers entries as it adds them
 * @throws KexecError `EINVAL`, check `machine-text`, for a line of another form, an empty range, or a type that has no
 *   name.
 */
export function parseFirmwareMemmap(text: string): E820Entry[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map(parseLine).sort((a, b) => (a.range.start < b.range.start ? -1 : 1));
}

function parseLine(line: string): E820Entry {
  const [, first, last, name = ''] = LINE.exec(line) ?? [];
  const type = findE820Type(name);
  if (first === undefined || last === undefined || type === undefined) refuseLine(line);
  const start = BigInt(`0x${first}`);
  const range = rangeOf(start, BigInt(`0x${last}`) + 1n - start);
  return isEmpty(range) ? refuseLine(line) : { range, type };
}

function refuseLine(line: string): never {
  refuse('machine-text', 'EINVAL', `memmap: ${JSON.stringify(line.slice(0, 80))}`);
}
