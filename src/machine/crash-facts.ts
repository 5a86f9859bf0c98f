/**
 * What an ELF core header needs to know of the running kernel, out of what sysfs, VMCOREINFO, `/proc/iomem` and
 * `/proc/kallsyms` print.
 */
import { refuse } from '../base/error.js';
import { type Range, rangeOf } from '../base/range.js';
import { U64_LIMIT } from '../base/u64.js';
import type { Resource } from '../formats/iomem.js';
import type { CrashFacts } from './machine-value.js';
import { type Vmcoreinfo, vmcoreinfoAddress, vmcoreinfoNumber } from './vmcoreinfo-lines.js';

/** The texts that tell it; what could not be read is undefined. */
export interface CrashTexts {
  /** A line `cpuN ADDRESS SIZE` for each CPU. */
  readonly crashNotes: string | undefined;
  /** `/sys/kernel/vmcoreinfo`. */
  readonly vmcoreinfoNote: string | undefined;
  readonly kallsyms: string | undefined;
}

/** Crash facts, if all of them are known: a header that lacks one describes no dump. */
export function crashFactsOf(
  { crashNotes, vmcoreinfoNote, kallsyms }: CrashTexts,
  vmcoreinfo: Vmcoreinfo,
  resources: readonly Resource[],
): CrashFacts | undefined {
  const text = textOf(vmcoreinfo, kallsyms, resources);
  const linearMap = linearMapOf(vmcoreinfo);
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
  return lines(text)
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
 * The addresses of symbols in `/proc/kallsyms`. Who may not see them (`kernel.kptr_restrict`) reads zeros; these are
 * left out.
 */
export function parseKallsyms(text: string): ReadonlyMap<string, bigint> {
  const symbols = new Map<string, bigint>();
  for (const [, address, name = ''] of text.matchAll(/^([0-9a-f]{1,16}) \w (\w+)$/gm)) {
    const value = BigInt(`0x${address}`);
    if (value !== 0n) symbols.set(name, value);
  }
  return symbols;
}

/**
 * `_text` to `_end`. Virtual addresses of the kernel's image lie `kimage_voffset` above physical ones.
 *
 * `_text` is KIMAGE_VADDR, which is MODULES_END, plus KERNELOFFSET (arch/arm64/include/asm/memory.h; VMCOREINFO tells
 * MODULES_END from Linux 6.0 on). "Kernel code" of iomem begins at `_stext`, 64 KiB further on, in some releases, and
 * at `_text` in others; "Kernel data" ends at `_end` in all.
 */
function textOf(
  vmcoreinfo: Vmcoreinfo,
  kallsyms: string | undefined,
  resources: readonly Resource[],
): CrashFacts['text'] | undefined {
  const offset = vmcoreinfoNumber(vmcoreinfo, 'kimage_voffset');
  if (offset === undefined) return undefined;
  const physical = (virtual: bigint): bigint => BigInt.asUintN(64, virtual - offset);

  const symbols = parseKallsyms(kallsyms ?? '');
  const first = symbols.get('_text') ?? textByVmcoreinfo(vmcoreinfo);
  const last = symbols.get('_end');
  const start = first === undefined ? kernelResource(resources, 'Kernel code')?.start : physical(first);
  const end = last === undefined ? kernelResource(resources, 'Kernel data')?.end : physical(last);
  if (start === undefined || end === undefined || start >= end) return undefined;
  return { start, end, virtual: BigInt.asUintN(64, start + offset) };
}

function textByVmcoreinfo(vmcoreinfo: Vmcoreinfo): bigint | undefined {
  const modulesEnd = vmcoreinfoNumber(vmcoreinfo, 'MODULES_END');
  const kernelOffset = vmcoreinfoAddress(vmcoreinfo, 'KERNELOFFSET');
  if (modulesEnd === undefined || kernelOffset === undefined) return undefined;
  return BigInt.asUintN(64, modulesEnd + kernelOffset);
}

function kernelResource(resources: readonly Resource[], name: string): Range | undefined {
  for (const resource of resources) {
    const found = resource.name === name ? resource.range : kernelResource(resource.children, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What has the physical address PHYS_OFFSET is seen at PAGE_OFFSET. The linear map is the lower half of the kernel's
 * addresses, from -(1 << VA_BITS), since Linux 5.4, and was the upper half before. PHYS_OFFSET is negative where RAM
 * begins further up in the map, as it does by KASLR; the map is told from address 0 on then.
 */
function linearMapOf(vmcoreinfo: Vmcoreinfo): CrashFacts['linearMap'] | undefined {
  const bits = vmcoreinfoNumber(vmcoreinfo, 'VA_BITS');
  const offset = vmcoreinfoNumber(vmcoreinfo, 'PHYS_OFFSET');
  if (bits === undefined || bits < 36n || bits > 52n || offset === undefined) return undefined;
  const size = isBefore54(vmcoreinfo.OSRELEASE) ? bits - 1n : bits;
  const virtual = U64_LIMIT - (1n << size);
  const physical = BigInt.asIntN(64, offset);
  if (physical >= 0n) return { physical, virtual };
  return virtual - physical < U64_LIMIT ? { physical: 0n, virtual: virtual - physical } : undefined;
}

function isBefore54(release: string | undefined): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release ?? '') ?? [];
  return major !== undefined && (Number(major) < 5 || (Number(major) === 5 && Number(minor) < 4));
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
