import { refuse } from '../../base/error.js';
import { escapeUnshown } from '../../base/escape-field.js';
import { hex } from '../../base/u64.js';
import { type ReadVirtual, STACK_PAGE_SIZE, type StackPages } from '../architecture.js';
import type { Vmcore } from '../open/open-vmcore.js';
import type { CpuState } from './cpu-states.js';
import { summarizeVmcore, type VmcoreSummary } from './vmcore-summary.js';

/** The most pages of stacks in the command: Linux takes arguments up to 128 KiB each (MAX_ARG_STRLEN). */
const MAX_STACK_PAGES = 2048;

/**
 * Builds arguments with which gdb prints the backtrace of the CPU that panicked, or of all CPUs if it is not known: the
 * dump, the kernel's symbols at the address that KASLR chose, and commands.
 *
 * gdb reads virtual addresses from the PT_LOADs, which have the linear map and the kernel's image, but not the stacks in the
 * vmalloc area (CONFIG_VMAP_STACK). And it cannot follow all that a kernel's stack has. For both, it gets Python code of the
 * architecture.
 *
 * @param dump - the path of the dump
 * @param vmlinux - the path of the kernel's symbols
 * @throws KexecError: `EOPNOTSUPP`, `dump-kind`, for a dump that gdb cannot read; `ENODATA`, `vmcoreinfo`, if
 *   KERNELOFFSET is missing.
 */
export function buildGdbArguments(vmcore: Vmcore, dump: string, vmlinux: string): string[] {
  const { format, isFlattened, isOfHypervisor, vmcoreinfo, architecture } = vmcore;
  if (format !== 'ELF')
    refuse(
      'dump-kind',
      'EOPNOTSUPP',
      `the dump is ${format}, and gdb reads only ELF files; crash(8) reads it`,
    );
  if (isFlattened)
    refuse(
      'dump-kind',
      'EOPNOTSUPP',
      `the dump is flattened, which gdb cannot read; makedumpfile -R NEW < ${dump} restores the order of the file`,
    );
  if (isOfHypervisor)
    refuse(
      'dump-kind',
      'EOPNOTSUPP',
      'the PT_LOADs of the dump have no virtual addresses, without which gdb finds no memory; crash(8) reads it',
    );
  const { kernelOffset } = vmcoreinfo;
  if (kernelOffset === undefined) return vmcoreinfo.refuseMissing('KERNELOFFSET');
  const summary = summarizeVmcore(vmcore);
  const read: ReadVirtual = (address, length) => vmcore.virtual.read(address, length);
  const { findStackAddresses, buildPython } = architecture.gdb;
  const addresses = listPanickedFirst(summary).flatMap((cpu) => findStackAddresses(read, cpu));
  const python = buildPython(vmcoreinfo, findUnmappedStacks(vmcore, addresses));
  return [
    `core-file ${dump}`,
    `symbol-file ${quoteForGdb(vmlinux)} -o ${hex(kernelOffset)}`,
    ...(python.length === 0 ? [] : [`python exec(${JSON.stringify(python.join('\n'))})`]),
    ...buildBacktraceCommands(summary),
  ].flatMap((command) => ['-ex', command]);
}

/** So that the limit of pages concerns other CPUs. */
function listPanickedFirst({ cpus, panicked }: VmcoreSummary): CpuState[] {
  return [
    ...cpus.filter(({ index }) => index === panicked),
    ...cpus.filter(({ index }) => index !== panicked),
  ];
}

/**
 * gdb sees CPUs as threads, identified by the process that they ran; idle CPUs have none. gdb starts at the first CPU.
 */
function buildBacktraceCommands({ cpus, panicked }: VmcoreSummary): string[] {
  const cpu = cpus.find(({ index }) => index === panicked);
  if (cpu === undefined) return ['thread apply all bt'];
  if (cpu.index === 0) return ['bt'];
  if (cpu.pid === 0) return ['thread apply all bt'];
  return [`python [t.switch() for t in gdb.selected_inferior().threads() if t.ptid[1] == ${cpu.pid}]`, 'bt'];
}

/**
 * Finds the pages of stacks that no PT_LOAD maps.
 *
 * @param addresses - virtual addresses on the stacks
 */
function findUnmappedStacks({ loads, virtual }: Vmcore, addresses: readonly bigint[]): StackPages {
  const isMapped = (address: bigint): boolean =>
    loads.some((load) => load.virtualAddress <= address && address < load.virtualAddress + load.memorySize);
  const pages = addresses.map((one) => one - (one % STACK_PAGE_SIZE)).filter((page) => !isMapped(page));
  const stacks = new Map<bigint, bigint>();
  for (const page of [...new Set(pages)].slice(0, MAX_STACK_PAGES)) {
    const physical = virtual.translate(page);
    const load = loads.find(
      ({ physicalAddress, memorySize }) =>
        physicalAddress <= physical && physical < physicalAddress + memorySize,
    );
    if (load !== undefined) stacks.set(page, load.virtualAddress + (physical - load.physicalAddress));
  }
  return stacks;
}

/** gdb splits the arguments of symbol-file at spaces, but not those of core-file. */
function quoteForGdb(path: string): string {
  return /[\s'"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
}

/** Formats a command for a shell, with quotes where they are needed. */
export function formatShellCommand(program: string, args: readonly string[]): string {
  return [program, ...args].map(quoteForShell).join(' ');
}

function quoteForShell(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  // Characters that are not shown need the quotes that have escapes: those of POSIX 2024, bash and zsh.
  const escaped = escapeUnshown(word.replace(/['\\]/g, '\\$&'), escapeBytes);
  return escapeUnshown(word, escapeBytes) === word ? `'${word.replaceAll("'", "'\\''")}'` : `$'${escaped}'`;
}

function escapeBytes(character: string): string {
  const bytes = Array.from(new TextEncoder().encode(character));
  return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
