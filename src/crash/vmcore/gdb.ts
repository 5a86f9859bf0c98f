import { KexecError } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { Vmcore } from './vmcore.js';

/**
 * Arguments for gdb that make it tell how the kernel came to crash: the dump, the kernel's symbols where KASLR put the
 * kernel, and its backtrace.
 *
 * Where the kernel signs return addresses (KERNELPACMASK is not 0), gdb cannot follow them: a vmcore has no
 * NT_ARM_PAC_MASK note. A frame's record, which arm64 kernels always keep (CONFIG_FRAME_POINTER), is followed instead,
 * and the signature taken off.
 *
 * @throws KexecError: `EOPNOTSUPP`, `dump-kind`, for a dump that is not an ELF file as gdb reads it; `ENODATA`,
 *   `vmcoreinfo`, if KERNELOFFSET is not told.
 */
export function gdbArguments(vmcore: Vmcore, dump: string, vmlinux: string): string[] {
  const { format, isFlattened, vmcoreinfo } = vmcore;
  if (format !== 'ELF' || isFlattened) {
    const seen = `gdb reads ELF files alone, and this one is ${isFlattened ? 'flattened' : format}; makedumpfile makes one of it: makedumpfile ${isFlattened ? '-R' : '-E -d 0 DUMP'} NEW`;
    throw new KexecError({ check: 'dump-kind', errno: 'EOPNOTSUPP', seen });
  }
  const { kernelOffset } = vmcoreinfo;
  if (kernelOffset === undefined) {
    throw new KexecError({ check: 'vmcoreinfo', errno: 'ENODATA', seen: 'it has no KERNELOFFSET' });
  }
  const mask = vmcoreinfo.number('KERNELPACMASK') ?? 0n;
  return [
    `core-file ${dump}`,
    `symbol-file ${gdbQuoted(vmlinux)} -o ${hex(kernelOffset)}`,
    ...(mask === 0n ? [] : [pacUnwinder(mask)]),
    'bt',
  ].flatMap((command) => ['-ex', command]);
}

/**
 * A command that has gdb unwind by frame records: at x29 lie the caller's x29 and its signed return address, whose bits
 * of the mask are all set in a kernel's address.
 */
function pacUnwinder(mask: bigint): string {
  const lines = [
    'import gdb.unwinder as u',
    'class Id:',
    ' def __init__(s,sp,pc): s.sp=sp; s.pc=pc',
    'class Pac(u.Unwinder):',
    ' def __init__(s): u.Unwinder.__init__(s,"kernel-pac"); s.enabled=True',
    ' def __call__(s,f):',
    '  try:',
    '   r=lambda n: int(f.read_register(n)) & (2**64-1)',
    '   fp=r("x29")',
    '   if fp < 2**63 or fp % 8: return None',
    '   m=gdb.selected_inferior().read_memory(fp,16).tobytes()',
    '   p,l=[int.from_bytes(m[i:i+8],"little") for i in (0,8)]',
    '   if l == 0: return None',
    '   i=f.create_unwind_info(Id(gdb.Value(fp+16),gdb.Value(r("pc"))))',
    `   for n,v in (("x29",p),("sp",fp+16),("pc",l|${hex(mask)})): i.add_saved_register(n,gdb.Value(v).cast(gdb.lookup_type("unsigned long")))`,
    '   return i',
    '  except gdb.error: return None',
    'u.register_unwinder(None,Pac(),True)',
    'gdb.invalidate_cached_frames()',
  ];
  return `python exec(${JSON.stringify(lines.join('\n'))})`;
}

/** gdb takes the words of symbol-file apart, and those of core-file not. */
function gdbQuoted(path: string): string {
  return /[\s'"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
}

/** Arguments as a shell takes them: quoted where it would take them apart. */
export function shellCommand(program: string, args: readonly string[]): string {
  return [program, ...args].map(shellQuoted).join(' ');
}

function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
