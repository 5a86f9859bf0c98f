import { BoundedBytes } from '../../base/bytes.js';
import { U64_LIMIT } from '../../base/u64.js';
import type { Mapping } from '../address/address-space.js';
import type { DumpMemory } from '../open/dump-memory.js';

const DESCRIPTOR_SIZE = 8;
/** log2 of {@link DESCRIPTOR_SIZE}. */
const DESCRIPTOR_SHIFT = 3n;

const VALID = 1n;
/** With VALID: a table above the last level, a page at the last. Without: a block. */
const TABLE = 3n;

/** The bits of a physical address that every descriptor holds in place. */
const ADDRESS_MASK = (1n << 48n) - 1n;

/** The layout of translation tables. Sizes are in bits unless they say otherwise. */
export interface TableLayout {
  /** In bytes: the translation granule. */
  readonly pageSize: number;
  /** How many bits the kernel's addresses have: 64 less TCR_EL1.T1SZ. */
  readonly bits: number;
  /** CONFIG_ARM64_VA_BITS: more than {@link bits} if the CPUs support fewer bits than the kernel. */
  readonly configuredBits: number;
  /** Whether physical addresses have 52 bits. */
  readonly hasWidePhysical: boolean;
}

/**
 * Walks the page tables of a kernel (Arm Architecture Reference Manual, D8.3, "Translation table descriptor formats").
 *
 * @param root - the physical address of `swapper_pg_dir`
 * @param address - virtual
 * @returns undefined if the address is not mapped
 * @throws KexecError, as the memory refuses, if a table was not dumped.
 */
export function walkArm64PageTables(
  memory: DumpMemory,
  space: TableLayout,
  root: bigint,
  address: bigint,
): Mapping | undefined {
  if (address < U64_LIMIT - (1n << BigInt(space.bits))) return undefined;
  const pageShift = BigInt(Math.log2(space.pageSize));
  const levelBits = pageShift - DESCRIPTOR_SHIFT;
  const indexedBits = BigInt(countRootBits(space));
  const levels = (indexedBits - pageShift + levelBits - 1n) / levelBits;

  let table = root;
  let below = indexedBits;
  for (let level = levels - 1n; level >= 0n; level -= 1n) {
    const shift = pageShift + level * levelBits;
    const index = BigInt.asUintN(Number(below - shift), address >> shift);
    const descriptor = readDescriptor(memory, table + (index << DESCRIPTOR_SHIFT));
    if ((descriptor & VALID) === 0n) return undefined;
    const isTable = (descriptor & TABLE) === TABLE;
    const output = decodeOutputAddress(descriptor, space, pageShift);
    if (level === 0n && !isTable) return undefined;
    if (level === 0n || !isTable) {
      const size = 1n << shift;
      return { physical: (output & ~(size - 1n)) + (address & (size - 1n)), size };
    }
    table = output;
    below = shift;
  }
  return undefined;
}

/**
 * The number of address bits that the root table is built for. With pages of 64 KiB, a kernel for 52 bits keeps that
 * table on CPUs with 48 bits, which start further up in it; with smaller pages it omits the first level.
 */
function countRootBits({ pageSize, bits, configuredBits }: TableLayout): number {
  return pageSize === 65536 ? configuredBits : bits;
}

/**
 * Decodes the physical address in a descriptor. Its bits from 48 on are elsewhere in the descriptor: in bits 12 to 15
 * with pages of 64 KiB (FEAT_LPA); with smaller pages, if 52 bits are used (FEAT_LPA2), bits 8 and 9 hold 50 and 51.
 */
function decodeOutputAddress(descriptor: bigint, space: TableLayout, pageShift: bigint): bigint {
  const pageMask = ~((1n << pageShift) - 1n);
  if (space.pageSize === 65536) {
    const high = space.hasWidePhysical ? ((descriptor >> 12n) & 0xfn) << 48n : 0n;
    return (descriptor & ADDRESS_MASK & pageMask) | high;
  }
  if (space.bits !== 52) return descriptor & ADDRESS_MASK & pageMask;
  return (descriptor & ((1n << 50n) - 1n) & pageMask) | (((descriptor >> 8n) & 3n) << 50n);
}

function readDescriptor(memory: DumpMemory, address: bigint): bigint {
  const bytes = memory.read(address, DESCRIPTOR_SIZE);
  return new BoundedBytes(bytes, { what: 'page table', check: 'dump-address', errno: 'EFAULT' }).u64le(0);
}
