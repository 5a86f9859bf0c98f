import { attempt, KexecError, refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex, minimum, U64_LIMIT } from '../../base/u64.js';
import { type DumpMemory, readMemory } from '../open/dump-memory.js';
import { Extents } from '../open/extents.js';
import type { Dump } from '../open/open-dump.js';
import type { AddressSpace } from './address-space.js';

/** Translations are cached by pages of this size, the smallest, in bytes. */
const PAGE_SIZE = 4096n;
const MAX_CACHED_PAGES = 4096;

/**
 * The virtual memory of the crashed kernel. Its own page tables translate addresses. Only where a table was not dumped,
 * the linear map, the PT_LOADs and the place of the kernel's image translate them.
 */
export class VirtualMemory {
  /** The physical address of the root of the kernel's page tables, if VMCOREINFO has it. */
  readonly tableRoot: bigint | undefined;
  readonly #memory: DumpMemory;
  readonly #space: AddressSpace | undefined;
  readonly #loads: Extents;
  /** The block of memory that was translated last by a single entry of a table. */
  #block: { readonly start: bigint; readonly end: bigint; readonly physical: bigint } | undefined;
  /** Physical by virtual addresses of pages. */
  readonly #translated = new Map<bigint, bigint>();

  constructor({ memory, loads }: Dump, space: AddressSpace | undefined) {
    this.#memory = memory;
    this.#space = space;
    this.#loads = new Extents(loads, 'virtualAddress');
    this.tableRoot = space?.root === undefined ? undefined : this.#translateWithoutTables(space.root);
  }

  /**
   * Translates a virtual address to a physical one.
   *
   * @throws KexecError `EFAULT`, check `dump-address`, if it is not mapped.
   */
  translate(address: bigint): bigint {
    const block = this.#block;
    if (block !== undefined && address >= block.start && address < block.end)
      return block.physical + (address - block.start);
    const page = address - (address % PAGE_SIZE);
    let physical = this.#translated.get(page);
    if (physical === undefined) {
      physical = this.#translatePage(page);
      if (this.#translated.size >= MAX_CACHED_PAGES) this.#translated.clear();
      this.#translated.set(page, physical);
    }
    return physical + (address - page);
  }

  /**
   * Reads `length` bytes from a virtual address. The caller bounds the length, and does not change the bytes.
   *
   * @throws KexecError, as {@link translate} and {@link DumpMemory}.
   */
  read(address: bigint, length: number): Uint8Array {
    if ((address % PAGE_SIZE) + BigInt(length) <= PAGE_SIZE)
      return this.#memory.read(this.translate(address), length);
    const bytes = new Uint8Array(length);
    this.readInto(address, bytes);
    return bytes;
  }

  /** Reads into the caller's buffer: saves an allocation per read. @throws KexecError, as {@link read}. */
  readInto(address: bigint, into: Uint8Array): void {
    const end = address + BigInt(into.length);
    if (end > U64_LIMIT)
      refuse('dump-address', 'EFAULT', `${formatBytes(into.length)} from ${hex(address)} exceed 64 bits`);
    for (let at = address; at < end; ) {
      const physical = this.translate(at);
      let stop = at - (at % PAGE_SIZE) + PAGE_SIZE;
      // Memory that is contiguous is read at once.
      while (stop < end && this.translate(stop) === physical + (stop - at)) stop += PAGE_SIZE;
      stop = minimum(stop, end);
      readMemory(this.#memory, physical, into.subarray(Number(at - address), Number(stop - address)));
      at = stop;
    }
  }

  /** Reads a 32-bit number. @throws KexecError, as {@link read}. */
  readU32(address: bigint): number {
    return viewBytes(this.read(address, 4)).getUint32(0, true);
  }

  /** Reads a 64-bit number: a pointer. @throws KexecError, as {@link read}. */
  readU64(address: bigint): bigint {
    return viewBytes(this.read(address, 8)).getBigUint64(0, true);
  }

  #translatePage(address: bigint): bigint {
    const physical = this.#translateByTables(address) ?? this.#translateWithoutTables(address);
    if (physical !== undefined) return physical;
    const seen = `${hex(address)} cannot be translated: its page tables were not dumped`;
    refuse('dump-address', 'EFAULT', seen);
  }

  /** Undefined if a table was not dumped, or none is known. @throws KexecError if the tables do not map the address. */
  #translateByTables(address: bigint): bigint | undefined {
    const { tableRoot } = this;
    const space = this.#space;
    if (space === undefined || tableRoot === undefined) return undefined;
    const mapping = attempt(() => space.walk(this.#memory, tableRoot, address));
    if (mapping instanceof KexecError) return undefined;
    if (mapping === undefined) refuse('dump-address', 'EFAULT', `${hex(address)} is not mapped`);
    const { physical, size } = mapping;
    if (size > PAGE_SIZE) {
      const within = address & (size - 1n);
      this.#block = { start: address - within, end: address - within + size, physical: physical - within };
    }
    return physical;
  }

  #translateWithoutTables(address: bigint): bigint | undefined {
    const linear = this.#space?.translateLinear(address);
    if (linear !== undefined) return linear;
    const load = this.#loads.find(address)?.load;
    if (load !== undefined) return load.physicalAddress + (address - load.virtualAddress);
    return this.#space?.translateImage(address);
  }
}

function viewBytes(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
