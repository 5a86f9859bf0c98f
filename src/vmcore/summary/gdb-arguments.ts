import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { findFrameRecords } from './frame-records.js';
import { summarizeVmcore, type VmcoreSummary } from './vmcore-summary.js';

/** Stacks are mapped by pages of this size or larger. */
const PAGE = 4096n;

/**
 * Arguments for gdb that make it tell how the kernel came to crash: the dump, the kernel's symbols where KASLR put the
 * kernel, and the backtrace of the CPU that panicked, or of all if that is not known. gdb begins with the first CPU.
 *
 * Two things in a vmcore are beyond gdb. Where the kernel signs return addresses (KERNELPACMASK is not 0), it cannot
 * follow them, for a vmcore has no NT_ARM_PAC_MASK note. And it knows virtual addresses by the PT_LOADs, which have the
 * linear map and the kernel's image: stacks in vmalloc's area (CONFIG_VMAP_STACK) are not there. For either, gdb is given
 * an unwinder that follows frame records, takes signatures off, and finds stacks in the linear map.
 *
 * @throws KexecError: `EOPNOTSUPP`, `dump-kind`, for a dump that is not an ELF file as gdb reads it; `ENODATA`,
 *   `vmcoreinfo`, if KERNELOFFSET is not told.
 */
export function buildGdbArguments(vmcore: Vmcore, dump: string, vmlinux: string): string[] {
  const { format, isFlattened, vmcoreinfo } = vmcore;
  if (format !== 'ELF') {
    refuse(
      'dump-kind',
      'EOPNOTSUPP',
      `gdb reads ELF files alone, and this dump is ${format}; crash(8) reads it`,
    );
  }
  if (isFlattened) {
    refuse(
      'dump-kind',
      'EOPNOTSUPP',
      `gdb reads files in order, and this dump is flattened; makedumpfile -R NEW < ${dump} puts it in order`,
    );
  }
  const { kernelOffset } = vmcoreinfo;
  if (kernelOffset === undefined) {
    refuse('vmcoreinfo', 'ENODATA', 'VMCOREINFO has no KERNELOFFSET');
  }
  const mask = vmcoreinfo.number('KERNELPACMASK') ?? 0n;
  const info = summarizeVmcore(vmcore);
  const stacks = mappedStacks(vmcore, info);
  return [
    `core-file ${dump}`,
    `symbol-file ${gdbQuoted(vmlinux)} -o ${hex(kernelOffset)}`,
    ...(mask === 0n && stacks.size === 0 ? [] : [unwinder(mask, stacks)]),
    ...backtrace(info),
  ].flatMap((command) => ['-ex', command]);
}

/** CPUs are threads of gdb, told apart by the process that they ran; those that idle have none. */
function backtrace({ cpus, panicked }: VmcoreSummary): string[] {
  const cpu = cpus.find(({ index }) => index === panicked);
  if (cpu === undefined) return ['thread apply all bt'];
  if (cpu.index === 0) return ['bt'];
  if (cpu.pid === 0) return ['thread apply all bt'];
  return [`python [t.switch() for t in gdb.selected_inferior().threads() if t.ptid[1] == ${cpu.pid}]`, 'bt'];
}

/** Pages of stacks that no PT_LOAD maps where they are, and where the linear map has them: virtual addresses. */
function mappedStacks({ loads, virtual }: Vmcore, { cpus }: VmcoreSummary): ReadonlyMap<bigint, bigint> {
  const isMapped = (address: bigint): boolean =>
    loads.some((load) => load.virtualAddress <= address && address < load.virtualAddress + load.memorySize);
  const pages = cpus
    .flatMap((cpu) => findFrameRecords(virtual, cpu))
    .map((record) => record - (record % PAGE))
    .filter((page) => !isMapped(page));
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
 * A command that has gdb unwind by frame records: at x29 lie the caller's x29 and its return address, whose bits of the
 * mask are all set in a kernel's address.
 *
 * @param stacks - where pages can be read that cannot be read where they are
 */
function unwinder(mask: bigint, stacks: ReadonlyMap<bigint, bigint>): string {
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
    `   at=T.get(fp & -${PAGE},fp & -${PAGE}) + (fp & ${PAGE - 1n})`,
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

/** gdb takes the words of symbol-file apart, and those of core-file not. */
function gdbQuoted(path: string): string {
  return /[\s'"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
}

/** Arguments as a shell takes them: quoted where it would take them apart. */
export function formatShellCommand(program: string, args: readonly string[]): string {
  return [program, ...args].map(shellQuoted).join(' ');
}

function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
