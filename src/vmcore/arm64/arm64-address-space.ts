import { U64_LIMIT } from '../../base/u64.js';
import type { AddressSpace } from '../address/address-space.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { type TableLayout, walkArm64PageTables } from './arm64-page-tables.js';

/** The layout of a kernel's virtual addresses. */
interface Arm64Layout extends TableLayout {
  /** The start of the linear map. */
  readonly pageOffset: bigint;
  /** The end of the linear map. */
  readonly pageEnd: bigint;
  /** PHYS_OFFSET: the physical address that {@link pageOffset} maps; modulo 2^64. */
  readonly physOffset?: bigint | undefined;
  /** kimage_voffset: virtual less physical address of the kernel's image; modulo 2^64. */
  readonly imageOffset?: bigint | undefined;
}

const PAGE_SIZES: readonly number[] = [4096, 16384, 65536];
const CONFIGURED_BITS: readonly number[] = [36, 39, 42, 47, 48, 52];
/** The most bits of addresses without the large addresses of Armv8.2. */
const MAX_SMALL_BITS = 48;

/** Values of TCR_EL1.T1SZ: 64 less 52 to 36 bits. */
const MIN_T1SZ = 12n;
const MAX_T1SZ = 28n;

/**
 * Derives the address space of the crashed kernel; undefined if VMCOREINFO lacks its page size or VA_BITS.
 *
 * The linear map is the lower half of the kernel's addresses since Linux 5.4, and was the upper half before: then the
 * image, which contains `_stext`, is below the middle. arch/arm64/include/asm/memory.h.
 */
export function deriveArm64AddressSpace(facts: VmcoreinfoFacts): AddressSpace | undefined {
  const pageSize = Number(facts.lines.PAGESIZE);
  const configuredBits = Number(facts.number('VA_BITS'));
  if (!PAGE_SIZES.includes(pageSize) || !CONFIGURED_BITS.includes(configuredBits)) return undefined;

  const middle = U64_LIMIT - (1n << BigInt(Math.min(configuredBits, MAX_SMALL_BITS) - 1));
  const isLinearMapLow = (facts.symbol('_stext') ?? middle) >= middle;
  return buildAddressSpace(facts.symbol('swapper_pg_dir'), {
    pageSize,
    bits: deriveBits(facts, configuredBits),
    configuredBits,
    pageOffset: U64_LIMIT - (1n << BigInt(isLinearMapLow ? configuredBits : configuredBits - 1)),
    pageEnd: isLinearMapLow ? middle : U64_LIMIT,
    physOffset: facts.number('PHYS_OFFSET'),
    imageOffset: facts.number('kimage_voffset'),
    hasWidePhysical: facts.number('MAX_PHYSMEM_BITS') === 52n,
  });
}

/** @param root - the virtual address of `swapper_pg_dir` */
function buildAddressSpace(root: bigint | undefined, layout: Arm64Layout): AddressSpace {
  const { pageSize, pageOffset, pageEnd, physOffset, imageOffset } = layout;
  return {
    pageSize,
    root,
    walk: (memory, table, address) => walkArm64PageTables(memory, layout, table, address),
    translateLinear: (address) =>
      physOffset !== undefined && address >= pageOffset && address < pageEnd
        ? BigInt.asUintN(64, address - pageOffset + physOffset)
        : undefined,
    translateImage: (address) =>
      imageOffset === undefined ? undefined : BigInt.asUintN(64, address - imageOffset),
  };
}

/**
 * Derives how many bits addresses have. VMCOREINFO has TCR_EL1_T1SZ since Linux 5.9. Before that (since 5.4), with 52
 * bits configured, `mem_section` shows it: it lies in the lower part of the linear map only if all 52 bits are used.
 * This is how makedumpfile decides, too.
 */
function deriveBits(facts: VmcoreinfoFacts, configuredBits: number): number {
  const size = facts.number('TCR_EL1_T1SZ');
  if (size !== undefined && size >= MIN_T1SZ && size <= MAX_T1SZ) return 64 - Number(size);
  const section = facts.symbol('mem_section');
  if (configuredBits === 52 && section !== undefined && (section & (1n << 51n)) !== 0n) return MAX_SMALL_BITS;
  return configuredBits;
}
