import type { ByteSource } from '../base/byte-source.js';
import { formatRange, overlaps, subtract } from '../base/range.js';
import { hex, isAligned, U64_LIMIT } from '../base/u64.js';
import { readCoreHeaders } from '../formats/elf/core-file.js';
import { PT_LOAD, PT_NOTE } from '../formats/elf/format.js';
import type { ProgramHeader } from '../formats/elf/program-headers.js';
import type { Machine } from '../machine/machine-value.js';
import { findDumpedRanges } from './elfcorehdr.js';
import {
  error,
  type Finding,
  type Loads,
  note,
  physicalEnd,
  physicalRange,
  physicalText,
  warning,
} from './lint-finding.js';
import { lintVmcore } from './lint-vmcore.js';

/** What a file was found to be. */
export interface LintReport {
  /** `elfcorehdr` points at memory of a machine, `vmcore` has that memory in it. */
  readonly kind: 'elfcorehdr' | 'vmcore';
  readonly notes: number;
  readonly loads: number;
  readonly findings: readonly Finding[];
}

/** /proc/vmcore gives out memory by pages, of the smallest size at least. */
const PAGE = 4096n;
/** Kernel addresses are in the upper half, down to 52 bits. */
const LOWEST_KERNEL = U64_LIMIT - (1n << 52n);

/**
 * Checks an ELF core header, or that of a vmcore, for what makes kdump fail: overlaps, holes, a missing mapping of the
 * kernel's text, wrong addresses of the linear map, notes outside RAM; and a vmcore for whether what its headers say is
 * what its page tables say, and is in the file.
 *
 * @param machine - what the header is for: then RAM, crash regions and notes are held against it
 * @throws KexecError `EINVAL`, check `elf-core`, if it is no ELF core.
 */
export function lintCore(source: ByteSource, machine?: Machine): LintReport {
  const headers = readCoreHeaders(source);
  const notes = headers.filter(({ type }) => type === PT_NOTE);
  const all = headers.filter(({ type }) => type === PT_LOAD);
  const isHeader = [...notes, ...all].every(({ offset, physicalAddress }) => offset === physicalAddress);
  const kind = isHeader ? 'elfcorehdr' : 'vmcore';
  const loads = sortLoads(joinPieces(all.filter(isSane)));
  const findings = [
    ...all.filter((load) => !isSane(load)).map(insane),
    ...lintLoads(loads),
    ...(isHeader ? lintHeader(notes, loads) : lintVmcore(source, loads)),
    ...(machine === undefined ? lintHoles(loads) : lintForMachine(notes, loads, machine, isHeader)),
  ];
  return { kind, notes: notes.length, loads: all.length, findings };
}

function isSane(load: ProgramHeader): boolean {
  return load.memorySize > 0n && physicalEnd(load) <= U64_LIMIT;
}

function insane(load: ProgramHeader): Finding {
  return load.memorySize === 0n
    ? warning(`a PT_LOAD at ${hex(load.physicalAddress)} is empty`)
    : error(`a PT_LOAD of ${hex(load.memorySize)} bytes at ${hex(load.physicalAddress)} leaves 64 bits`);
}

/**
 * Where pages were left out of a vmcore (makedumpfile -E, `vmcore save`), a PT_LOAD is in pieces: each goes on where the
 * one before it ends, in memory and in the file. They are what the whole was.
 */
function joinPieces(loads: readonly ProgramHeader[]): ProgramHeader[] {
  const whole: ProgramHeader[] = [];
  for (const load of loads) {
    const last = whole.at(-1);
    if (last === undefined || !goesOn(last, load)) {
      whole.push(load);
      continue;
    }
    whole[whole.length - 1] = {
      ...last,
      offset: last.fileSize === 0n ? load.offset : last.offset,
      fileSize: last.fileSize + load.fileSize,
      memorySize: last.memorySize + load.memorySize,
    };
  }
  return whole;
}

function goesOn(last: ProgramHeader, next: ProgramHeader): boolean {
  const isInMemory = next.physicalAddress === physicalEnd(last) && difference(next) === difference(last);
  const hasEmpty = last.fileSize === 0n || next.fileSize === 0n;
  return isInMemory && (hasEmpty || next.offset === last.offset + last.fileSize);
}

/** The text is the first that lies within a larger one. */
function sortLoads(loads: readonly ProgramHeader[]): Loads {
  const sorted = [...loads].sort(byAddress);
  let widest: ProgramHeader | undefined;
  let text: ProgramHeader | undefined;
  for (const load of sorted) {
    const isWithin = widest !== undefined && physicalEnd(load) <= physicalEnd(widest);
    if (isWithin && widest !== undefined && load.memorySize < widest.memorySize) text ??= load;
    if (widest === undefined || physicalEnd(load) > physicalEnd(widest)) widest = load;
  }
  return { text, ram: sorted.filter((load) => load !== text) };
}

function lintLoads({ text, ram }: Loads): Finding[] {
  const findings: Finding[] = [];
  if (ram.length === 0) return [error('there is no PT_LOAD: nothing would be dumped')];
  if (text === undefined)
    findings.push(
      error("the kernel's text has no PT_LOAD of its own: debuggers find neither code nor backtrace"),
    );
  for (const [index, load] of ram.entries()) {
    const next = ram[index + 1];
    if (next !== undefined && next.physicalAddress < physicalEnd(load))
      findings.push(error(`PT_LOADs overlap: ${physicalText(load)} and ${physicalText(next)}`));
  }
  for (const load of [...(text === undefined ? [] : [text]), ...ram]) {
    if (!isAligned(load.physicalAddress, PAGE) || !isAligned(load.memorySize, PAGE))
      findings.push(warning(`${physicalText(load)} does not begin and end on pages of ${PAGE} bytes`));
    if (load.virtualAddress < LOWEST_KERNEL)
      findings.push(
        error(`${physicalText(load)} is mapped at ${hex(load.virtualAddress)}, which is no kernel address`),
      );
  }
  return [...findings, ...lintLinearMap(ram)];
}

/** All RAM lies in one linear map: one difference between virtual and physical addresses, that of most of the RAM. */
function lintLinearMap(ram: readonly ProgramHeader[]): Finding[] {
  const sizes = new Map<bigint, bigint>();
  for (const load of ram) sizes.set(difference(load), (sizes.get(difference(load)) ?? 0n) + load.memorySize);
  const [usual] = [...sizes].reduce((most, one) => (one[1] > most[1] ? one : most), [0n, 0n]);
  return ram
    .filter((load) => difference(load) !== usual)
    .map((load) =>
      error(
        `${physicalText(load)} is mapped at ${hex(load.virtualAddress)}; the linear map of the others has it at ${hex(BigInt.asUintN(64, load.physicalAddress + usual))}`,
      ),
    );
}

/** What holds for a header that points into memory. */
function lintHeader(notes: readonly ProgramHeader[], { text, ram }: Loads): Finding[] {
  const findings: Finding[] = [];
  if (notes.length < 2)
    findings.push(
      error(`there are ${notes.length} PT_NOTEs: one for each CPU and one for VMCOREINFO are needed`),
    );
  for (const one of notes.filter((each) => !isSane(each)))
    findings.push(error(`a PT_NOTE at ${hex(one.physicalAddress)} has ${hex(one.memorySize)} bytes`));
  for (const outside of subtract(notes.filter(isSane).map(physicalRange), ram.map(physicalRange)))
    findings.push(error(`the notes at ${formatRange(outside)} are outside the RAM that is dumped`));
  for (const load of [...notes, ...(text === undefined ? [] : [text]), ...ram]) {
    if (load.fileSize !== load.memorySize)
      findings.push(error(`${physicalText(load)} has a p_filesz of ${hex(load.fileSize)}`));
  }
  return findings;
}

function lintHoles({ ram }: Loads): Finding[] {
  return ram.flatMap((load, index) => {
    const next = ram[index + 1];
    if (next === undefined || next.physicalAddress <= physicalEnd(load)) return [];
    const hole = formatRange({ start: physicalEnd(load), end: next.physicalAddress });
    return [note(`${hole} is not dumped: right if it is a crash region, or no RAM`)];
  });
}

function lintForMachine(
  notes: readonly ProgramHeader[],
  { text, ram }: Loads,
  machine: Machine,
  isHeader: boolean,
): Finding[] {
  const { crashRegion, crash, memory } = machine;
  const findings: Finding[] = [];
  const dumped = ram.map(physicalRange);
  const wanted = findDumpedRanges(machine);
  for (const hole of subtract(wanted, dumped)) findings.push(error(`RAM ${formatRange(hole)} is not dumped`));
  const regions = [crashRegion?.high, crashRegion?.low].filter((region) => region !== undefined);
  for (const load of dumped) {
    for (const region of regions) {
      if (overlaps(load, region))
        findings.push(
          error(`${formatRange(load)} is dumped, in which the crash kernel runs: ${formatRange(region)}`),
        );
    }
  }
  for (const beyond of subtract(dumped, memory))
    findings.push(
      error(`${formatRange(beyond)} is dumped, and no RAM: to read it may stop the crash kernel`),
    );
  if (isHeader) findings.push(...lintNotesOfMachine(notes, machine));
  if (crash === undefined) return findings;

  if (
    text !== undefined &&
    (text.physicalAddress !== crash.text.start || text.virtualAddress !== crash.text.virtual)
  )
    findings.push(
      error(
        `the kernel's text is said to be at ${physicalText(text)}, virtual ${hex(text.virtualAddress)}; it is at ${formatRange(crash.text)}, virtual ${hex(crash.text.virtual)}`,
      ),
    );
  const { linearMap } = crash;
  for (const load of ram) {
    const right = BigInt.asUintN(64, load.physicalAddress - linearMap.physical + linearMap.virtual);
    if (load.virtualAddress !== right)
      findings.push(
        error(
          `${physicalText(load)} is mapped at ${hex(load.virtualAddress)}; the kernel's linear map has it at ${hex(right)}`,
        ),
      );
  }
  return findings;
}

function lintNotesOfMachine(notes: readonly ProgramHeader[], { crash, possibleCpus }: Machine): Finding[] {
  const findings: Finding[] = [];
  if (possibleCpus !== undefined && notes.length !== possibleCpus + 1)
    findings.push(
      error(`there are ${notes.length} PT_NOTEs for ${possibleCpus} possible CPUs and VMCOREINFO`),
    );
  const known = crash === undefined ? [] : [...crash.notes, crash.vmcoreinfo];
  for (const place of known) {
    if (!notes.some(({ physicalAddress }) => physicalAddress === place.start))
      findings.push(error(`no PT_NOTE points at the notes at ${formatRange(place)}`));
  }
  return findings;
}

/** Virtual less physical address. */
function difference({ virtualAddress, physicalAddress }: ProgramHeader): bigint {
  return BigInt.asUintN(64, virtualAddress - physicalAddress);
}

/** Of those that begin at one place, the larger first. */
function byAddress(a: ProgramHeader, b: ProgramHeader): number {
  if (a.physicalAddress !== b.physicalAddress) return a.physicalAddress < b.physicalAddress ? -1 : 1;
  return a.memorySize > b.memorySize ? -1 : a.memorySize < b.memorySize ? 1 : 0;
}
