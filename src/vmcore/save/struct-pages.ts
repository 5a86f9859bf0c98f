import { refuse } from '../../base/error.js';
import type { Vmcore } from '../open/open-vmcore.js';

/** Flags of `section_mem_map` are in the low bits of the pointer: a `struct page` is aligned to more. */
const SECTION_FLAGS = 0x3fn;
/** `SECTION_HAS_MEM_MAP`. */
const HAS_MEM_MAP = 2n;
/** log2 of the largest section, in bytes. */
const MAX_SECTION_BITS = 40;
const POINTER_SIZE = 8;

/** Finds the virtual address of the `struct page` of a page frame; undefined if its section has none. */
export type FindStructPage = (frame: number) => bigint | undefined;

/**
 * Creates a finder for the kernel's array of `struct page` (SPARSEMEM): by `vmemmap`, the address that frame 0 would
 * have; or, if VMCOREINFO lacks it, section by section by `mem_section` (include/linux/mmzone.h, `__nr_to_section()`).
 *
 * @param size - of `struct page`, in bytes
 * @throws KexecError `ENODATA`, check `vmcoreinfo`, if VMCOREINFO has neither.
 */
export function createStructPageFinder(vmcore: Vmcore, size: number): FindStructPage {
  const vmemmap = vmcore.vmcoreinfo.symbol('vmemmap');
  if (vmemmap === undefined) return createSectionFinder(vmcore, size);
  return (frame) => BigInt.asUintN(64, vmemmap + BigInt(frame) * BigInt(size));
}

function createSectionFinder({ vmcoreinfo, virtual, addressSpace }: Vmcore, size: number): FindStructPage {
  const roots = vmcoreinfo.needSymbol('mem_section');
  const sectionSize = vmcoreinfo.needSmall('SIZE(mem_section)');
  const mapOffset = vmcoreinfo.needSmall('OFFSET(mem_section.section_mem_map)');
  const sectionBits = Number(vmcoreinfo.number('SECTION_SIZE_BITS') ?? 0n);
  const pageSize = addressSpace?.pageSize ?? 0;
  const isPlausible =
    sectionSize > 0 &&
    sectionSize <= pageSize &&
    sectionBits >= Math.log2(pageSize) &&
    sectionBits <= MAX_SECTION_BITS;
  if (!isPlausible) {
    const seen = `VMCOREINFO has SECTION_SIZE_BITS=${sectionBits} and SIZE(mem_section)=${sectionSize}`;
    refuse('vmcoreinfo', 'ENODATA', seen);
  }

  const readPointer = (address: bigint): bigint => virtual.readU64(BigInt.asUintN(64, address));
  const framesPerSection = 2 ** sectionBits / pageSize;
  const sectionsPerRoot = Math.floor(pageSize / sectionSize);
  let last: { readonly section: number; readonly map: bigint | undefined } | undefined;
  return (frame) => {
    const section = Math.floor(frame / framesPerSection);
    if (last?.section !== section) {
      const root = readPointer(roots + BigInt(Math.floor(section / sectionsPerRoot) * POINTER_SIZE));
      const at = root + BigInt((section % sectionsPerRoot) * sectionSize + mapOffset);
      const map = root === 0n ? 0n : readPointer(at);
      last = { section, map: (map & HAS_MEM_MAP) === 0n ? undefined : map & ~SECTION_FLAGS };
    }
    // The pointer is such that frame numbers index it directly.
    return last.map === undefined ? undefined : BigInt.asUintN(64, last.map + BigInt(frame) * BigInt(size));
  };
}
