import { BoundedBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { Vmcore } from '../open/open-vmcore.js';

/** Flags of `section_mem_map` are below the pointer: a `struct page` is aligned to more. */
const SECTION_FLAGS = 0x3fn;
/** `SECTION_HAS_MEM_MAP`. */
const HAS_MEM_MAP = 2n;
const POINTER_SIZE = 8;

/** Where the `struct page` of a page frame is, as a virtual address; undefined where a section has none. */
export type FindStructPage = (frame: number) => bigint | undefined;

/**
 * Finds the kernel's array of `struct page` (SPARSEMEM): by `vmemmap`, the address that frame 0 would have; where
 * VMCOREINFO does not tell it, by `mem_section`, section by section (include/linux/mmzone.h, `__nr_to_section()`).
 *
 * @throws KexecError `ENODATA`, check `vmcoreinfo`, if VMCOREINFO tells neither.
 */
export function createStructPageFinder(
  { vmcoreinfo, virtual, addressSpace }: Vmcore,
  size: number,
): FindStructPage {
  const vmemmap = vmcoreinfo.symbol('vmemmap');
  if (vmemmap !== undefined) return (frame) => BigInt.asUintN(64, vmemmap + BigInt(frame) * BigInt(size));

  const roots = vmcoreinfo.needSymbol('mem_section');
  const sectionSize = vmcoreinfo.needSmall('SIZE(mem_section)');
  const mapOffset = vmcoreinfo.needSmall('OFFSET(mem_section.section_mem_map)');
  const sectionBits = Number(vmcoreinfo.number('SECTION_SIZE_BITS') ?? 0n);
  const pageSize = addressSpace?.pageSize ?? 0;
  if (sectionSize === 0 || sectionSize > pageSize || sectionBits < Math.log2(pageSize) || sectionBits > 40) {
    refuse(
      'vmcoreinfo',
      'ENODATA',
      `VMCOREINFO tells of sections of 2^${sectionBits} bytes, each with a struct of ${sectionSize}`,
    );
  }
  const framesPerSection = 2 ** sectionBits / pageSize;
  const sectionsPerRoot = Math.floor(pageSize / sectionSize);
  let last: { readonly section: number; readonly map: bigint | undefined } | undefined;
  return (frame) => {
    const section = Math.floor(frame / framesPerSection);
    if (last?.section !== section) {
      const root = readPointer(virtual, roots + BigInt(Math.floor(section / sectionsPerRoot) * POINTER_SIZE));
      const at = root + BigInt((section % sectionsPerRoot) * sectionSize + mapOffset);
      const map = root === 0n ? 0n : readPointer(virtual, at);
      last = { section, map: (map & HAS_MEM_MAP) === 0n ? undefined : map & ~SECTION_FLAGS };
    }
    // The pointer is that of the frame 0 that the section would begin with.
    return last.map === undefined ? undefined : BigInt.asUintN(64, last.map + BigInt(frame) * BigInt(size));
  };
}

function readPointer(virtual: VirtualMemory, address: bigint): bigint {
  const bytes = virtual.read(BigInt.asUintN(64, address), POINTER_SIZE);
  return new BoundedBytes(bytes, { what: 'mem_section', check: 'vmcoreinfo', errno: 'ENODATA' }).u64le(0);
}
