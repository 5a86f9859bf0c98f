import { hex } from '../../base/u64.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { type GdbUnwinding, STACK_PAGE_SIZE, type StackPages } from '../architecture.js';
import { findFrameRecords } from './frame-records.js';

/** gdb unwinds by frame records, which arm64 kernels always keep. */
export const ARM64_GDB: GdbUnwinding = { findStackAddresses: findFrameRecords, buildPython };

/**
 * Builds an unwinder by frame records: x29 points to the caller's x29 and its return address. gdb's own does, if return
 * addresses are not signed and PT_LOADs have all stacks. If the kernel signs them (KERNELPACMASK is not 0), gdb cannot follow
 * them, because a vmcore has no NT_ARM_PAC_MASK note.
 */
function buildPython(facts: VmcoreinfoFacts, stacks: StackPages): string[] {
  // The bits of a return address that hold its signature: they are all set in an address of the kernel.
  const mask = facts.number('KERNELPACMASK') ?? 0n;
  if (mask === 0n && stacks.size === 0) return [];
  const table = [...stacks].map(([page, linear]) => `${hex(page)}:${hex(linear)}`).join(',');
  return [
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
    `   at=T.get(fp & -${STACK_PAGE_SIZE},fp & -${STACK_PAGE_SIZE}) + (fp & ${STACK_PAGE_SIZE - 1n})`,
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
}
