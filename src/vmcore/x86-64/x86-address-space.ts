import { minimum } from '../../base/u64.js';
import type { AddressSpace } from '../address/address-space.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { walkX86PageTables } from './x86-page-tables.js';

/** x86_64 has no other size of a page in the last level. In bytes. */
const PAGE_SIZE = 4096;

/** `__START_KERNEL_map`, where the kernel's image is mapped: arch/x86/include/asm/page_64_types.h. */
const IMAGE_START = 0xffffffff80000000n;
/** The smaller `KERNEL_IMAGE_SIZE`, that of a kernel without KASLR; modules follow. In bytes. */
const MIN_IMAGE_SIZE = 1n << 29n;
/** The larger one, in bytes. */
const MAX_IMAGE_SIZE = 1n << 30n;

/**
 * Derives the address space of the crashed kernel; undefined if VMCOREINFO has another page size, or lacks
 * `pgtable_l5_enabled`, which it has since Linux 4.18.
 *
 * KASLR moves the linear map, and VMCOREINFO does not have its place: the page tables translate it, and the PT_LOADs.
 */
export function deriveX86AddressSpace(facts: VmcoreinfoFacts): AddressSpace | undefined {
  const isFiveLevel = facts.number('pgtable_l5_enabled');
  if (Number(facts.lines.PAGESIZE) !== PAGE_SIZE || isFiveLevel === undefined) return undefined;
  const physBase = findX86PhysBase(facts);
  const imageEnd = IMAGE_START + minimum(facts.number('KERNEL_IMAGE_SIZE') ?? MIN_IMAGE_SIZE, MAX_IMAGE_SIZE);
  const layout = {
    levels: isFiveLevel === 0n ? 4 : 5,
    encryptionMask: facts.number('sme_mask') ?? 0n,
  } as const;
  return {
    pageSize: PAGE_SIZE,
    root: facts.symbol('init_top_pgt'),
    walk: (memory, root, address) => walkX86PageTables(memory, layout, root, address),
    translateLinear: () => undefined,
    translateImage: (address) =>
      physBase !== undefined && address >= IMAGE_START && address < imageEnd
        ? BigInt.asUintN(64, address - IMAGE_START + physBase)
        : undefined,
  };
}

/** `phys_base`: the physical address of `__START_KERNEL_map`, which is less than 0 if KASLR says so; modulo 2^64. */
export function findX86PhysBase(facts: VmcoreinfoFacts): bigint | undefined {
  return facts.number('phys_base');
}
