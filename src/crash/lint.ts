import type { ByteSource } from '../base/byte-source.js';
import { formatRange, overlaps, type Range, subtract } from '../base/range.js';
import { formatBytes } from '../base/sizes.js';
import { hex, isAligned, U64_LIMIT } from '../base/u64.js';
import { readCoreHeaders, readElfMachine } from '../formats/elf/core-file.js';
import { PT_LOAD, PT_NOTE } from '../formats/elf/format.js';
import type { ProgramHeader } from '../formats/elf/program-headers.js';
import { CORE_RULES } from '../machine/architectures.js';
import { ARM64_CORE } from '../machine/arm64/arm64-core-rules.js';
import type { CoreRules } from '../machine/core-rules.js';
import { listCaptureMemory } from '../machine/crash-regions.js';
import { type CrashFacts, listRam } from '../machine/machine-facts.js';
import type { Machine } from '../machine/machine-value.js';
import { hasKernelAddress } from '../vmcore/address/kernel-address.js';
import { findDumpedRanges } from './elfcorehdr.js';
import {
  asError,
  asNote,
  asWarning,
  type Finding,
  formatPhysicalRange,
  type Loads,
  listLoads,
  physicalEnd,
  physicalRange,
} from './lint-finding.js';
import { lintVmcore } from './lint-vmcore.js';

/** The result of checking a file. */
export interface LintReport {
  /** `elfcorehdr` points to memory of a machine; `vmcore` contains that memory. */
  readonly kind: 'elfcorehdr' | 'vmcore';
  /** Numbers of PT_NOTEs and PT_LOADs. */
  readonly notes: number;
  readonly loads: number;
  readonly findings: readonly Finding[];
}

/** /proc/vmcore returns memory by pages of at least this size, in bytes. */
const PAGE_SIZE = 4096n;

/**
 * Checks an ELF core header, or that of a vmcore, for faults that make kdump fail: overlaps, holes, a missing mapping
 * of the kernel's text, wrong addresses of the linear map, notes outside RAM. The headers of a vmcore must also agree
 * with its page tables, and with the file.
 *
 * @param machine - the machine that the header is for: RAM, crash regions and notes are compared with it
 * @throws KexecError `EINVAL`, check `elf-core`, if it is not an ELF core.
 */
export function lintCore(source: ByteSource, machine?: Machine): LintReport {
  const remarks: Finding[] = [];
  const elfMachine = readElfMachine(source);
  const rules = CORE_RULES.find((other) => other.elfMachine === elfMachine) ?? ARM64_CORE;
  const onRemark = (remark: string): number => remarks.push(asNote(remark));
  const headers = readCoreHeaders(source, onRemark);
  const notes = headers.filter(({ type }) => type === PT_NOTE);
  const all = headers.filter(({ type }) => type === PT_LOAD);
  const isHeader = [...notes, ...all].every(({ offset, physicalAddress }) => offset === physicalAddress);
  const kind = isHeader ? 'elfcorehdr' : 'vmcore';
  const loads = sortLoads(joinPieces(all.filter(isValid)));
  const findings = [
    ...remarks,
    ...all.filter((load) => !isValid(load)).map(describeInvalid),
    ...lintLoads(loads, rules),
    ...(isHeader || all.some((load) => hasKernelAddress(load, rules))
      ? lintAddresses(loads, rules)
      : lintWithoutAddresses(all)),
    ...(isHeader ? lintHeader(notes, loads) : lintVmcore(source, loads)),
    ...(machine === undefined
      ? lintHoles(loads)
      : lintForMachine({ notes, loads, machine, isHeader }, rules)),
  ];
  return { kind, notes: notes.length, loads: all.length, findings };
}

function isValid(load: ProgramHeader): boolean {
  return load.memorySize > 0n && physicalEnd(load) <= U64_LIMIT;
}

function describeInvalid(load: ProgramHeader): Finding {
  return load.memorySize === 0n
    ? asWarning(`a PT_LOAD at ${hex(load.physicalAddress)} is empty`)
    : asError(`a PT_LOAD of ${formatBytes(load.memorySize)} at ${hex(load.physicalAddress)} exceeds 64 bits`);
}

/**
 * Joins PT_LOADs that continue each other in memory and in the file: makedumpfile -E and `vmcore save` split them where
 * they leave out pages.
 */
function joinPieces(loads: readonly ProgramHeader[]): ProgramHeader[] {
  const whole: ProgramHeader[] = [];
  for (const load of loads) {
    const last = whole.at(-1);
    if (last === undefined || !continues(last, load)) {
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

function continues(last: ProgramHeader, next: ProgramHeader): boolean {
  const isInMemory = next.physicalAddress === physicalEnd(last) && linearOffset(next) === linearOffset(last);
  const hasEmpty = last.fileSize === 0n || next.fileSize === 0n;
  return isInMemory && (hasEmpty || next.offset === last.offset + last.fileSize);
}

/** The kernel's text is the first PT_LOAD that lies within a larger one. */
function sortLoads(loads: readonly ProgramHeader[]): Loads {
  const sorted = [...loads].sort(compareByAddress);
  let widest: ProgramHeader | undefined;
  let text: ProgramHeader | undefined;
  for (const load of sorted) {
    const isWithin = widest !== undefined && physicalEnd(load) <= physicalEnd(widest);
    if (isWithin && widest !== undefined && load.memorySize < widest.memorySize) text ??= load;
    if (widest === undefined || physicalEnd(load) > physicalEnd(widest)) widest = load;
  }
  return { text, ram: sorted.filter((load) => load !== text) };
}

function lintLoads({ text, ram }: Loads, { hasWholePages }: CoreRules): Finding[] {
  const findings: Finding[] = [];
  if (ram.length === 0) return [asError('there is no PT_LOAD: nothing would be dumped')];
  for (const [index, load] of ram.entries()) {
    const next = ram[index + 1];
    if (next !== undefined && next.physicalAddress < physicalEnd(load))
      findings.push(
        asError(`PT_LOADs overlap: ${formatPhysicalRange(load)} and ${formatPhysicalRange(next)}`),
      );
  }
  for (const load of hasWholePages ? listLoads({ text, ram }) : []) {
    if (!isAligned(load.physicalAddress, PAGE_SIZE) || !isAligned(load.memorySize, PAGE_SIZE))
      findings.push(
        asWarning(`${formatPhysicalRange(load)} does not begin and end on pages of ${PAGE_SIZE} bytes`),
      );
  }
  return findings;
}

/** Checks virtual addresses: those of the kernel's text, and of the linear map. */
function lintAddresses({ text, ram }: Loads, rules: CoreRules): Finding[] {
  const noText = "the kernel's text has no PT_LOAD of its own: debuggers find neither code nor backtrace";
  return [
    ...(text === undefined && ram.length > 0 ? [asError(noText)] : []),
    ...listLoads({ text, ram })
      .filter((load) => !hasKernelAddress(load, rules))
      .map((load) =>
        asError(
          `${formatPhysicalRange(load)} is mapped at ${hex(load.virtualAddress)}, which is not a kernel address`,
        ),
      ),
    ...lintLinearMap(ram),
  ];
}

/** A hypervisor that dumps a guest does not know the addresses of its kernel. */
function lintWithoutAddresses(loads: readonly ProgramHeader[]): Finding[] {
  return loads.length === 0
    ? []
    : [
        asWarning(
          'no PT_LOAD has a virtual address of the kernel, as in dumps of hypervisors: crash reads the dump, gdb finds neither code nor backtrace',
        ),
      ];
}

/** All RAM lies in one linear map: virtual less physical address is the same as for most of the RAM. */
function lintLinearMap(ram: readonly ProgramHeader[]): Finding[] {
  const sizes = new Map<bigint, bigint>();
  for (const load of ram)
    sizes.set(linearOffset(load), (sizes.get(linearOffset(load)) ?? 0n) + load.memorySize);
  const [usual] = [...sizes].reduce((largest, entry) => (entry[1] > largest[1] ? entry : largest), [0n, 0n]);
  return ram
    .filter((load) => linearOffset(load) !== usual)
    .map((load) =>
      asError(
        `${formatPhysicalRange(load)} is mapped at ${hex(load.virtualAddress)}; the linear map of the other RAM has it at ${hex(BigInt.asUintN(64, load.physicalAddress + usual))}`,
      ),
    );
}

/** Checks a header that points to memory. */
function lintHeader(notes: readonly ProgramHeader[], { text, ram }: Loads): Finding[] {
  const findings: Finding[] = [];
  if (notes.length < 2)
    findings.push(asError(`there are ${notes.length} PT_NOTEs: each CPU and VMCOREINFO need one`));
  for (const { physicalAddress, memorySize } of notes.filter((header) => !isValid(header)))
    findings.push(asError(`a PT_NOTE at ${hex(physicalAddress)} has ${formatBytes(memorySize)}`));
  for (const outside of subtract(notes.filter(isValid).map(physicalRange), ram.map(physicalRange)))
    findings.push(asError(`the notes at ${formatRange(outside)} are outside the RAM that is dumped`));
  for (const load of [...notes, ...listLoads({ text, ram })]) {
    if (load.fileSize !== load.memorySize)
      findings.push(asError(`${formatPhysicalRange(load)} has a p_filesz of ${hex(load.fileSize)}`));
  }
  return findings;
}

function lintHoles({ ram }: Loads): Finding[] {
  return ram.flatMap((load, index) => {
    const next = ram[index + 1];
    if (next === undefined || next.physicalAddress <= physicalEnd(load)) return [];
    const hole = formatRange({ start: physicalEnd(load), end: next.physicalAddress });
    return [asNote(`${hole} is not dumped, which is correct if it is a crash region or not RAM`)];
  });
}

/** What is compared with a machine. */
interface LintedCore {
  readonly notes: readonly ProgramHeader[];
  readonly loads: Loads;
  readonly machine: Machine;
  readonly isHeader: boolean;
}

function lintForMachine({ notes, loads, machine, isHeader }: LintedCore, rules: CoreRules): Finding[] {
  const { architecture } = rules;
  if (machine.architecture !== architecture)
    return [asError(`the file is of ${architecture}, and ${machine.name} is of ${machine.architecture}`)];
  return [
    ...lintDumpedMemory(loads.ram.map(physicalRange), machine, rules),
    ...(isHeader ? lintNotesForMachine(notes, machine) : []),
    ...(machine.crash === undefined ? [] : lintVirtualAddresses(loads, machine.crash)),
  ];
}

/** Exactly the RAM outside the crash regions must be dumped. */
function lintDumpedMemory(dumped: readonly Range[], machine: Machine, rules: CoreRules): Finding[] {
  const inCrashRegions = listCaptureMemory(machine).flatMap((region) =>
    dumped.filter((load) => overlaps(load, region)).map((load) => ({ load, region })),
  );
  return [
    ...subtract(findDumpedRanges(machine, rules.findNotDumped(machine)), dumped).map((hole) =>
      asError(`RAM ${formatRange(hole)} is not dumped`),
    ),
    ...inCrashRegions.map(({ load, region }) =>
      asError(
        `${formatRange(load)} is dumped and overlaps ${formatRange(region)}, where the crash kernel runs`,
      ),
    ),
    ...subtract(dumped, listRam(machine)).map((beyond) =>
      asError(`${formatRange(beyond)} is dumped but is not RAM: reading it may stop the crash kernel`),
    ),
  ];
}

function lintVirtualAddresses({ text, ram }: Loads, crash: CrashFacts): Finding[] {
  const findings: Finding[] = [];
  const isTextRight =
    text === undefined ||
    (text.physicalAddress === crash.text.start && text.virtualAddress === crash.text.virtual);
  if (!isTextRight)
    findings.push(
      asError(
        `the kernel's text is said to be at ${formatPhysicalRange(text)}, virtual ${hex(text.virtualAddress)}; it is at ${formatRange(crash.text)}, virtual ${hex(crash.text.virtual)}`,
      ),
    );
  const { linearMap } = crash;
  for (const load of ram) {
    const right = BigInt.asUintN(64, load.physicalAddress - linearMap.physical + linearMap.virtual);
    if (load.virtualAddress !== right)
      findings.push(
        asError(
          `${formatPhysicalRange(load)} is mapped at ${hex(load.virtualAddress)}; the kernel's linear map has it at ${hex(right)}`,
        ),
      );
  }
  return findings;
}

function lintNotesForMachine(notes: readonly ProgramHeader[], { crash, possibleCpus }: Machine): Finding[] {
  const findings: Finding[] = [];
  if (possibleCpus !== undefined && notes.length !== possibleCpus + 1)
    findings.push(
      asError(`there are ${notes.length} PT_NOTEs for ${possibleCpus} possible CPUs and VMCOREINFO`),
    );
  const known = crash === undefined ? [] : [...crash.notes, crash.vmcoreinfo];
  for (const place of known) {
    if (!notes.some(({ physicalAddress }) => physicalAddress === place.start))
      findings.push(asError(`no PT_NOTE points to the notes at ${formatRange(place)}`));
  }
  return findings;
}

/** Virtual less physical address. */
function linearOffset({ virtualAddress, physicalAddress }: ProgramHeader): bigint {
  return BigInt.asUintN(64, virtualAddress - physicalAddress);
}

/** Compares by address; the larger of two with the same address is first. */
function compareByAddress(a: ProgramHeader, b: ProgramHeader): number {
  if (a.physicalAddress !== b.physicalAddress) return a.physicalAddress < b.physicalAddress ? -1 : 1;
  return a.memorySize > b.memorySize ? -1 : a.memorySize < b.memorySize ? 1 : 0;
}
