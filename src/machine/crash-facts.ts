/** The facts about the running kernel that go into an ELF core header, out of sysfs and `/proc/kallsyms`. */
import { refuse } from '../base/error.js';
import { type Range, rangeOf } from '../base/range.js';
import type { Collected } from './collected.js';
import type { CrashFacts } from './machine-facts.js';

/** Where the running kernel lies, as far as it is known. */
export type KernelMap = Partial<Pick<CrashFacts, 'text' | 'linearMap'>>;

/**
 * The crash facts of the collected files.
 *
 * @param map - which every architecture finds in its own way
 * @returns undefined if one of them is not known: a header that lacks one describes no dump
 * @throws KexecError `EINVAL`, check `machine-text`, for a malformed file.
 */
export function readCrashFacts(
  { 'crash-notes': crashNotes, 'vmcoreinfo-note': vmcoreinfoNote }: Collected,
  { text, linearMap }: KernelMap,
): CrashFacts | undefined {
  if (crashNotes === undefined || vmcoreinfoNote === undefined) return undefined;
  if (text === undefined || linearMap === undefined) return undefined;
  return {
    notes: parseCrashNotes(crashNotes),
    vmcoreinfo: parseVmcoreinfoNote(vmcoreinfoNote),
    text,
    linearMap,
  };
}

/**
 * `crash_notes` and `crash_notes_size` of each CPU, a line `cpuN ADDRESS SIZE` each: the address in hexadecimal, the
 * size in decimal digits, as `crash_notes_show()` and `crash_notes_size_show()` print them. Lowest CPU first.
 *
 * @throws KexecError `EINVAL`, check `machine-text`, for any other line.
 */
export function parseCrashNotes(text: string): Range[] {
  return splitLines(text)
    .map((line) => {
      const match = /^cpu(\d{1,6}) ([0-9a-f]{1,16}) (\d{1,9})$/i.exec(line);
      if (match === null)
        refuse('machine-text', 'EINVAL', `crash-notes: ${JSON.stringify(line.slice(0, 60))}`);
      const [, cpu, address, size] = match;
      return { cpu: Number(cpu), range: rangeOf(BigInt(`0x${address}`), BigInt(Number(size))) };
    })
    .sort((a, b) => a.cpu - b.cpu)
    .map(({ range }) => range);
}

/**
 * `/sys/kernel/vmcoreinfo`: the physical address and the size of the VMCOREINFO note, both in hexadecimal
 * (`vmcoreinfo_show()`).
 *
 * @throws KexecError `EINVAL`, check `machine-text`, for anything else.
 */
export function parseVmcoreinfoNote(text: string): Range {
  const match = /^(?:0x)?([0-9a-f]{1,16}) ([0-9a-f]{1,8})$/i.exec(text.trim());
  if (match === null)
    refuse('machine-text', 'EINVAL', `vmcoreinfo-note: ${JSON.stringify(text.trim().slice(0, 60))}`);
  const [, address, size] = match;
  return rangeOf(BigInt(`0x${address}`), BigInt(`0x${size}`));
}

/**
 * The addresses of the symbols in `/proc/kallsyms`. A reader without the right to see them (`kernel.kptr_restrict`)
 * gets zeros; these are left out.
 */
export function parseKallsyms(text: string): ReadonlyMap<string, bigint> {
  const symbols = new Map<string, bigint>();
  for (const [, address, name = ''] of text.matchAll(/^([0-9a-f]{1,16}) \w (\w+)$/gm)) {
    const value = BigInt(`0x${address}`);
    if (value !== 0n) symbols.set(name, value);
  }
  return symbols;
}

function splitLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
