import { refuse } from '../../base/error.js';
import { escapeUnshown } from '../../base/escape-field.js';
import { hex } from '../../base/u64.js';
import type { ReadVirtual } from '../architecture.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { summarizeVmcore, type VmcoreSummary } from './vmcore-summary.js';

/** Stacks are mapped by pages of this size or larger, in bytes. */
const PAGE_SIZE = 4096n;

/**
 * Builds arguments with which gdb prints the backtrace of the CPU that panicked, or of all CPUs if it is not known: the
 * dump, the kernel's symbols at the address that KASLR chose, and commands.
 *
 * gdb lacks two things for a vmcore. If the kernel signs return addresses (KERNELPACMASK is not 0), gdb cannot follow
 * them, because a vmcore has no NT_ARM_PAC_MASK note. And gdb reads virtual addresses from the PT_LOADs, which have the
 * linear map and the kernel's image, but not the stacks in the vmalloc area (CONFIG_VMAP_STACK). For both, gdb gets an
 * unwinder that follows frame records, removes signatures, and reads stacks from the linear map.
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
  const { findFrameRecords } = architecture;
  if (findFrameRecords === undefined)
    refuse(
      'dump-kind',
      'EOPNOTSUPP',
      `the dump is of ${architecture.name}, whose kernels keep no frame records by which gdb could find their stacks; crash(8) reads it`,
    );
  const { kernelOffset } = vmcoreinfo;
  if (kernelOffset === undefined) return vmcoreinfo.refuseMissing('KERNELOFFSET');
  const mask = vmcoreinfo.number('KERNELPACMASK') ?? 0n;
  const summary = summarizeVmcore(vmcore);
  const read: ReadVirtual = (address, length) => vmcore.virtual.read(address, length);
  const records = summary.cpus.flatMap((cpu) => findFrameRecords(read, cpu));
  const stacks = findUnmappedStacks(vmcore, records);
  return [
    `core-file ${dump}`,
    `symbol-file ${quoteForGdb(vmlinux)} -o ${hex(kernelOffset)}`,
    ...(mask === 0n && stacks.size === 0 ? [] : [buildUnwinderCommand(mask, stacks)]),
    ...buildBacktraceCommands(summary),
  ].flatMap((command) => ['-ex', command]);
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
 * @param records - virtual addresses of frame records
 * @returns their virtual addresses in the linear map, by their own virtual addresses
 */
function findUnmappedStacks(
  { loads, virtual }: Vmcore,
  records: readonly bigint[],
): ReadonlyMap<bigint, bigint> {
  const isMapped = (address: bigint): boolean =>
    loads.some((load) => load.virtualAddress <= address && address < load.virtualAddress + load.memorySize);
  const pages = records.map((record) => record - (record % PAGE_SIZE)).filter((page) => !isMapped(page));
  const stacks = new Map<bigint, bigint>();
  for (const page of new Set(pages)) {
    const physical = virtual.translate(page);
    const load = loads.find(
      ({ physicalAddress, memorySize }) =>
        physicalAddress <= physical && physical < physicalAddress + memorySize,
    );
    if (load !== undefined) stacks.set(page, load.virtualAddress + (physical - load.physicalAddress));
  }
  return stacks;
}

/**
 * Builds a command that makes gdb unwind by frame records: x29 points to the caller's x29 and its return address.
 *
 * @param mask - the bits of a return address that hold its signature: they are all set in an address of the kernel
 * @param stacks - as {@link findUnmappedStacks} returns them
 */
function buildUnwinderCommand(mask: bigint, stacks: ReadonlyMap<bigint, bigint>): string {
  const table = [...stacks].map(([page, linear]) => `${hex(page)}:${hex(linear)}`).join(',');
  const lines = [
    'import gdb.unwinder as u',
    `T={${table}}`,
    'class Id:',
    ' def __init__(s,sp,pc): s.sp=sp; s.pc=pc',
    'class Kernel(u.Unwinder):',
    ' def __init__(s): u.Unwinder.__init__(s,"kernel-frame-records"); s.enabled=True',
    ' def __call__(s,f):',
    '  try:',
    '   r=lambda n: int(f.read_register(n)) & (2**64-1)',
    '   fp=r("x29")',
    '   if fp < 2**63 or fp % 8: return None',
    `   at=T.get(fp & -${PAGE_SIZE},fp & -${PAGE_SIZE}) + (fp & ${PAGE_SIZE - 1n})`,
    '   m=gdb.selected_inferior().read_memory(at,16).tobytes()',
    '   p,l=[int.from_bytes(m[i:i+8],"little") for i in (0,8)]',
    '   if l == 0: return None',
    '   i=f.create_unwind_info(Id(gdb.Value(fp+16),gdb.Value(r("pc"))))',
    `   for n,v in (("x29",p),("x30",l),("sp",fp+16),("pc",l | ${hex(mask)})): i.add_saved_register(n,gdb.Value(v).cast(gdb.lookup_type("unsigned long")))`,
    '   return i',
    '  except gdb.error: return None',
    'u.register_unwinder(None,Kernel(),True)',
    'gdb.invalidate_cached_frames()',
  ];
  return `python exec(${JSON.stringify(lines.join('\n'))})`;
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
