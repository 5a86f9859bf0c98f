import { U64_LIMIT } from '../../base/u64.js';
import type { VmcoreinfoFacts } from './vmcoreinfo.js';

/** How a kernel's virtual addresses were made, out of VMCOREINFO. Sizes in bits unless they say otherwise. */
export interface AddressSpace {
  /** In bytes: the translation granule. */
  readonly pageSize: number;
  /** The kernel's addresses have so many bits: 64 less TCR_EL1.T1SZ. */
  readonly bits: number;
  /** CONFIG_ARM64_VA_BITS: more than {@link bits} where the CPUs have less than the kernel could use. */
  readonly configuredBits: number;
  /** Where the linear map begins. */
  readonly pageOffset: bigint;
  /** Where it ends. */
  readonly pageEnd: bigint;
  /** PHYS_OFFSET: the physical address that is seen at {@link pageOffset}; modulo 2^64. */
  readonly physOffset?: bigint | undefined;
  /** kimage_voffset: how far the kernel's image lies above its physical address; modulo 2^64. */
  readonly imageOffset?: bigint | undefined;
  /** `swapper_pg_dir`, the root of the kernel's page tables: its virtual address. */
  readonly root?: bigint | undefined;
  /** Whether physical addresses have 52 bits. */
  readonly hasWidePhysical: boolean;
}

const PAGE_SIZES: readonly number[] = [4096, 16384, 65536];
const BITS: readonly number[] = [36, 39, 42, 47, 48, 52];
/** What arm64 kernels have had at most without the large addresses of Armv8.2. */
const SMALL_BITS = 48;

/**
 * The address space of the kernel that crashed; undefined where VMCOREINFO does not tell its page size and VA_BITS.
 *
 * The linear map has been the lower half of the kernel's addresses since Linux 5.4, and was the upper half before: then
 * the image, and `_stext` in it, is below the middle. arch/arm64/include/asm/memory.h.
 */
export function deriveAddressSpace(facts: VmcoreinfoFacts): AddressSpace | undefined {
  const pageSize = Number(facts.lines.PAGESIZE);
  const configuredBits = Number(facts.number('VA_BITS'));
  if (!PAGE_SIZES.includes(pageSize) || !BITS.includes(configuredBits)) return undefined;
  const bits = actualBits(facts, configuredBits);

  const middle = U64_LIMIT - (1n << BigInt(Math.min(configuredBits, SMALL_BITS) - 1));
  const isFlipped = (facts.symbol('_stext') ?? middle) >= middle;
  return {
    pageSize,
    bits,
    configuredBits,
    pageOffset: U64_LIMIT - (1n << BigInt(isFlipped ? configuredBits : configuredBits - 1)),
    pageEnd: isFlipped ? middle : U64_LIMIT,
    physOffset: facts.number('PHYS_OFFSET'),
    imageOffset: facts.number('kimage_voffset'),
    root: facts.symbol('swapper_pg_dir'),
    hasWidePhysical: facts.number('MAX_PHYSMEM_BITS') === 52n,
  };
}

/**
 * TCR_EL1_T1SZ is told since Linux 5.9. Of the releases before, from 5.4, with 52 bits configured, `mem_section` lies in
 * the linear map: in its lower part only where all 52 bits are used, as makedumpfile concludes.
 */
function actualBits(facts: VmcoreinfoFacts, configured: number): number {
  const size = facts.number('TCR_EL1_T1SZ');
  if (size !== undefined && size >= 12n && size <= 28n) return 64 - Number(size);
  const section = facts.symbol('mem_section');
  if (configured === 52 && section !== undefined && (section & (1n << 51n)) !== 0n) return SMALL_BITS;
  return configured;
}
