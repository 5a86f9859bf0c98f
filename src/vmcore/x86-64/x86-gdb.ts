import { attempt, KexecError } from '../../base/error.js';
import { hex, U64_LIMIT } from '../../base/u64.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { type GdbUnwinding, type ReadVirtual, STACK_PAGE_SIZE, type StackPages } from '../architecture.js';
import type { CpuState } from '../summary/cpu-states.js';

/** The most pages of a kernel stack: THREAD_SIZE is 16 KiB, with KASAN 32 KiB (arch/x86/include/asm/page_64_types.h). */
const MAX_PAGES_OF_STACK = 8;

/** The stacks that a CPU may use at once: a task's, one for interrupts, and those of exceptions that interrupt each other. */
const MAX_STACKS = 6;

/** The kernel has the upper half of the addresses. */
const LOWEST_KERNEL_ADDRESS = 1n << 63n;

/**
 * Where the end of a stack has the stack pointer of what was interrupted, in bytes before the end: the last word of a stack for
 * interrupts (`call_on_irqstack()`), and the field `sp` of `struct pt_regs` on one for exceptions.
 */
const LINKS: readonly bigint[] = [8n, 16n];

/**
 * x86_64 kernels keep no frame records: they unwind by ORC. gdb unwinds by the call frame information that a vmlinux has with
 * its debug information (.debug_frame), which covers all functions in C. It lacks the stacks, and the entry code.
 */
export const X86_GDB: GdbUnwinding = { findStackAddresses, buildPython };

/** Finds the pages from the stack pointer up to the end of the stack, and those of the stacks that it was entered from. */
function findStackAddresses(read: ReadVirtual, { registers: { rsp = 0n } }: CpuState): bigint[] {
  const found: bigint[] = [];
  const pointers = [rsp];
  for (let stack = 0; stack < MAX_STACKS; stack += 1) {
    const pointer = pointers.shift();
    if (pointer === undefined) break;
    const pages = findPages(read, pointer).filter((page) => !found.includes(page));
    const last = pages.at(-1);
    if (last === undefined) continue;
    found.push(...pages);
    pointers.push(...LINKS.map((link) => readWord(read, last + STACK_PAGE_SIZE - link)));
  }
  return found;
}

/** Finds the pages from an address up to the end of its stack, behind which the kernel leaves a page unmapped. */
function findPages(read: ReadVirtual, address: bigint): bigint[] {
  const pages: bigint[] = [];
  if (address < LOWEST_KERNEL_ADDRESS) return pages;
  let page = address - (address % STACK_PAGE_SIZE);
  while (pages.length < MAX_PAGES_OF_STACK && page < U64_LIMIT) {
    const at = page;
    if (attempt(() => read(at, 1)) instanceof KexecError) break;
    pages.push(at);
    page += STACK_PAGE_SIZE;
  }
  return pages;
}

/** Reads a word; 0 if it was not dumped. */
function readWord(read: ReadVirtual, address: bigint): bigint {
  const bytes = attempt(() => read(address, 8));
  if (bytes instanceof KexecError) return 0n;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}

/**
 * Builds Python that writes an ELF file with what gdb lacks, and lets gdb load it: the file is removed when gdb ends.
 *
 * - A section for each page of a stack, copied out of the linear map: gdb reads memory of exec-file that the dump lacks.
 * - Call frame information of the entry code, which is assembly. It calls C with `struct pt_regs` on top of the stack: the
 *   registers of what was interrupted. The augmentation `S` says that these are of another kind than those of a caller.
 */
function buildPython(_: VmcoreinfoFacts, stacks: StackPages): string[] {
  const table = [...stacks].map(([page, linear]) => `${hex(page)}:${hex(linear)}`).join(',');
  const page = STACK_PAGE_SIZE;
  return [
    'import os,struct,tempfile,gdb.unwinder as u',
    `T={${table}}`,
    'n=len(T)',
    'memory=gdb.selected_inferior().read_memory',
    'try: a,b=[int(gdb.parse_and_eval("(unsigned long)&__entry_text_%s" % x)) for x in ("start","end")]',
    'except gdb.error: a,b=0,0',
    // DWARF 4, 6.4: a CIE and an FDE, in the form of 64 bits. The registers of pt_regs, in DWARF's numbers, then rip and rsp.
    'entry=lambda x: struct.pack("<IQ",2**32-1,len(x))+x',
    'rules=b"".join(bytes([128+r,21-i]) for i,r in enumerate((15,14,13,12,6,3,11,10,9,8,0,2,1,4,5)))',
    'cie=struct.pack("<QB2sBBBBBH",2**64-1,1,b"S\\0",1,0x78,16,12,7,0x1a8)+rules+bytes([144,5,135,2])',
    'D=entry(cie+bytes(-len(cie)%8))+entry(struct.pack("<QQQ",0,a,b-a))',
    'N=b"\\0.stack\\0.shstrtab\\0.debug_frame\\0.text\\0"',
    `end=${page}*(n+1)`,
    // struct Elf64_Ehdr and Elf64_Shdr.
    's=lambda name,type,flags,addr,at,size: struct.pack("<IIQQQQIIQQ",name,type,flags,addr,at,size,0,0,1,0)',
    'h=struct.pack("<16sHHIQQQIHHHHHH",b"\\x7fELF\\2\\1\\1",2,62,1,0,0,end+len(N+D),0,64,0,0,64,n+4,n+1)',
    'F=tempfile.NamedTemporaryFile()',
    `F.write(h.ljust(${page},b"\\0"))`,
    `for x in T.values(): F.write(memory(x,${page}).tobytes())`,
    'F.write(N+D+s(0,0,0,0,0,0))',
    `for i,x in enumerate(T): F.write(s(1,1,3,x,${page}*(i+1),${page}))`,
    'F.write(s(8,3,0,0,end,len(N))+s(18,1,0,0,end+len(N),len(D))+s(31,8,6,a,0,b-a))',
    'F.flush()',
    // gdb would warn about a file that is newer than the dump.
    'os.utime(F.name,(0,0))',
    'gdb.execute("exec-file "+F.name)',
    'if a < b: gdb.execute("add-symbol-file "+F.name,to_string=True)',
    ...IRQ_STACK_UNWINDER,
  ];
}

/**
 * Python that unwinds from a stack for interrupts to the interrupted one: where a function called on that stack returns, its last
 * word has the stack pointer of the caller, whose frame follows.
 */
const IRQ_STACK_UNWINDER: readonly string[] = [
  'class Id:',
  ' def __init__(s,sp,pc): s.sp=sp; s.pc=pc',
  'class Irq(u.Unwinder):',
  ' def __init__(s): u.Unwinder.__init__(s,"kernel-irq-stack"); s.enabled=True',
  ' def __call__(s,f):',
  '  try:',
  '   sp,pc=[int(f.read_register(x)) & (2**64-1) for x in ("rsp","rip")]',
  `   if sp % ${STACK_PAGE_SIZE} != ${STACK_PAGE_SIZE - 8n} or sp < 2**63: return None`,
  '   to=int.from_bytes(memory(sp,8).tobytes(),"little")',
  '   if to < 2**63 or to % 8: return None',
  '   i=f.create_unwind_info(Id(gdb.Value(sp),gdb.Value(pc)))',
  '   for x,v in (("rip",pc),("rsp",to)): i.add_saved_register(x,gdb.Value(v).cast(gdb.lookup_type("unsigned long")))',
  '   return i',
  '  except gdb.error: return None',
  'u.register_unwinder(None,Irq(),True)',
  'gdb.invalidate_cached_frames()',
];
