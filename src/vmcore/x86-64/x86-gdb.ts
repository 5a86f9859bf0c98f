import { attempt, KexecError } from '../../base/error.js';
import { hex, U64_LIMIT } from '../../base/u64.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { type GdbUnwinding, type ReadVirtual, STACK_PAGE_SIZE, type StackPages } from '../architecture.js';
import type { CpuState } from '../summary/cpu-states.js';

/** The most pages of a kernel stack: THREAD_SIZE is 16 KiB, with KASAN 32 KiB (arch/x86/include/asm/page_64_types.h). */
const MAX_PAGES_OF_STACK = 8;

/** The kernel has the upper half of the addresses. */
const LOWEST_KERNEL_ADDRESS = 1n << 63n;

/**
 * x86_64 kernels keep no frame records: they unwind by ORC. gdb unwinds by the call frame information that a vmlinux has with
 * its debug information (.debug_frame), which covers all functions in C; it only has to be able to read the stacks.
 */
export const X86_GDB: GdbUnwinding = { findStackAddresses, buildPython };

/** Finds the pages from the stack pointer up to the end of the stack, behind which the kernel leaves a page unmapped. */
function findStackAddresses(read: ReadVirtual, { registers: { rsp = 0n } }: CpuState): bigint[] {
  const pages: bigint[] = [];
  if (rsp < LOWEST_KERNEL_ADDRESS) return pages;
  let page = rsp - (rsp % STACK_PAGE_SIZE);
  while (pages.length < MAX_PAGES_OF_STACK && page < U64_LIMIT) {
    const at = page;
    if (attempt(() => read(at, 1)) instanceof KexecError) break;
    pages.push(at);
    page += STACK_PAGE_SIZE;
  }
  return pages;
}

function buildPython(_: VmcoreinfoFacts, stacks: StackPages): string[] {
  return [...(stacks.size === 0 ? [] : buildStackFile(stacks)), ...ENTRY_UNWINDER];
}

/**
 * Builds Python that copies stacks out of the linear map into an ELF file with a section for each page. gdb takes such a file
 * by exec-file, and reads memory there that the dump lacks. The file is removed when gdb ends.
 */
function buildStackFile(stacks: StackPages): string[] {
  const table = [...stacks].map(([page, linear]) => `${hex(page)}:${hex(linear)}`).join(',');
  const page = STACK_PAGE_SIZE;
  return [
    'import os,struct,tempfile',
    `T={${table}}`,
    'n=len(T)',
    'N=b"\\0.stack\\0.shstrtab\\0"',
    `end=${page}*(n+1)`,
    // struct Elf64_Ehdr and Elf64_Shdr. PROGBITS with SHF_ALLOC and SHF_WRITE: memory of the program.
    's=lambda name,type,flags,addr,at,size: struct.pack("<IIQQQQIIQQ",name,type,flags,addr,at,size,0,0,1,0)',
    'h=struct.pack("<16sHHIQQQIHHHHHH",b"\\x7fELF\\2\\1\\1",2,62,1,min(T),0,end+len(N),0,64,0,0,64,n+2,n+1)',
    'F=tempfile.NamedTemporaryFile()',
    `F.write(h.ljust(${page},b"\\0"))`,
    `for a in T.values(): F.write(gdb.selected_inferior().read_memory(a,${page}).tobytes())`,
    'F.write(N+s(0,0,0,0,0,0))',
    `for i,a in enumerate(T): F.write(s(1,1,3,a,${page}*(i+1),${page}))`,
    'F.write(s(8,3,0,0,end,len(N)))',
    'F.flush()',
    // gdb would warn about a file that is newer than the dump.
    'os.utime(F.name,(0,0))',
    'gdb.execute("exec-file "+F.name)',
  ];
}

/**
 * Python that unwinds the kernel's entry code. It is assembly without call frame information, which calls C with `struct
 * pt_regs` on top of the stack: the registers of what was interrupted. If that is a program, its frame is the last one, because
 * its memory is not that of the kernel's addresses.
 */
const ENTRY_UNWINDER: readonly string[] = [
  'import re,gdb.unwinder as u',
  'R="r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi - rip cs eflags rsp ss".split()',
  'class Id:',
  ' def __init__(s,sp,pc): s.sp=sp; s.pc=pc',
  'class Entry(u.Unwinder):',
  ' def __init__(s): u.Unwinder.__init__(s,"kernel-entry"); s.enabled=True',
  ' def __call__(s,f):',
  '  try:',
  '   r=lambda n: int(f.read_register(n)) & (2**64-1)',
  '   where=gdb.execute("info symbol %d" % r("rip"),to_string=True)',
  '   if not re.match("(asm_|entry_|ret_from_fork)",where): return None',
  '   m=gdb.selected_inferior().read_memory(r("rsp"),168).tobytes()',
  '   p=dict(zip(R,(int.from_bytes(m[i:i+8],"little") for i in range(0,168,8))))',
  // The code segments of the kernel, and of programs of 64 and 32 bits.
  '   if p["cs"] not in (0x10,0x33,0x23): return None',
  '   i=f.create_unwind_info(Id(gdb.Value(r("rsp")),gdb.Value(r("rip"))))',
  '   for n in p:',
  '    if n in R[:15]+["rip","rsp"]: i.add_saved_register(n,gdb.Value(p[n]).cast(gdb.lookup_type("unsigned long")))',
  '   return i',
  '  except gdb.error: return None',
  'u.register_unwinder(None,Entry(),True)',
  'gdb.invalidate_cached_frames()',
];
