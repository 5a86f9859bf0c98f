import type { VirtualMemory } from '../address/virtual-memory.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';

/** The size of `u64`, in bytes. */
const U64_SIZE = 8n;

/**
 * Finds the first record of the log that `dmesg --clear` did not hide: `clear_seq` of kernel/printk/printk.c, a `struct
 * latched_seq`, whose counter says which of its two values is valid.
 *
 * @returns the record's `sequence`
 * @throws KexecError: `ENODATA`, check `vmcoreinfo`, if the kernel does not say where it is, as before Linux 5.12; or
 *   as the memory refuses.
 */
export function readClearedSequence({
  virtual,
  vmcoreinfo,
}: {
  readonly virtual: VirtualMemory;
  readonly vmcoreinfo: VmcoreinfoFacts;
}): bigint {
  const address = vmcoreinfo.needSymbol('clear_seq');
  const values = vmcoreinfo.needSmall('OFFSET(latched_seq.val)');
  const isSecond = virtual.readU32(address) & 1;
  return virtual.readU64(address + BigInt(values) + BigInt(isSecond) * U64_SIZE);
}
