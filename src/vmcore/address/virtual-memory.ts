import { KexecError, refuse } from '../../base/error.js';
import { hex, minimum, U64_LIMIT } from '../../base/u64.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import type { DumpMemory } from '../open/dump-memory.js';
import type { Dump } from '../open/open-dump.js';
import type { AddressSpace } from './address-space.js';
import { walkPageTables } from './page-tables.js';

/** Virtual addresses are kept translated by pages of this size, the smallest. */
const PAGE = 4096n;
const KEPT = 4096;

/**
 * The virtual memory of the kernel that crashed. Its own page tables say where an address lies; where a table was not
 * dumped, and only then, the linear map, the place of the image, and the PT_LOADs' virtual addresses say it.
 */
export class VirtualMemory {
  readonly #memory: DumpMemory;
  readonly #space: AddressSpace | undefined;
  readonly #loads: readonly ProgramHeader[];
  /** The physical address of `swapper_pg_dir`. */
  readonly #root: bigint | undefined;
  readonly #kept = new Map<bigint, bigint>();

  constructor({ memory, loads }: Dump, space: AddressSpace | undefined) {
    this.#memory = memory;
    this.#space = space;
    this.#loads = loads;
    this.#root = space?.root === undefined ? undefined : this.#untabled(space.root);
  }

  /** The physical address of `swapper_pg_dir`, where VMCOREINFO tells it: nothing is read for it. */
  get rootOfTables(): bigint | undefined {
    return this.#root;
  }

  /**
   * The physical address of a virtual one.
   *
   * @throws KexecError `EFAULT`, check `dump-address`, if it is not mapped.
   */
  translate(address: bigint): bigint {
    const page = address - (address % PAGE);
    let physical = this.#kept.get(page);
    if (physical === undefined) {
      physical = this.#translatePage(page);
      if (this.#kept.size >= KEPT) this.#kept.clear();
      this.#kept.set(page, physical);
    }
    return physical + (address - page);
  }

  /**
   * `length` bytes from a virtual address; callers bound the length, and do not change the bytes.
   *
   * @throws KexecError, as {@link translate} and {@link DumpMemory} refuse.
   */
  read(address: bigint, length: number): Uint8Array {
    const end = address + BigInt(length);
    if (end > U64_LIMIT)
      refuse('dump-address', 'EFAULT', `${hex(length)} bytes from ${hex(address)} leave 64 bits`);
    if ((address % PAGE) + BigInt(length) <= PAGE) return this.#memory.read(this.translate(address), length);
    const bytes = new Uint8Array(length);
    for (let at = address; at < end; ) {
      const stop = minimum(at - (at % PAGE) + PAGE, end);
      bytes.set(this.#memory.read(this.translate(at), Number(stop - at)), Number(at - address));
      at = stop;
    }
    return bytes;
  }

  #translatePage(address: bigint): bigint {
    if (this.#space !== undefined && this.#root !== undefined) {
      try {
        const mapping = walkPageTables(this.#memory, this.#space, this.#root, address);
        if (mapping === undefined) refuse('dump-address', 'EFAULT', `${hex(address)} is not mapped`);
        return mapping.physical;
      } catch (error) {
        if (!(error instanceof KexecError) || error.check === 'dump-address') throw error;
      }
    }
    return (
      this.#untabled(address) ??
      refuse(
        'dump-address',
        'EFAULT',
        `${hex(address)} cannot be translated: its page tables were not dumped`,
      )
    );
  }

  /** Without page tables. */
  #untabled(address: bigint): bigint | undefined {
    const { physOffset, pageOffset, pageEnd, imageOffset } = this.#space ?? {};
    if (physOffset !== undefined && pageOffset !== undefined && pageEnd !== undefined) {
      if (address >= pageOffset && address < pageEnd)
        return BigInt.asUintN(64, address - pageOffset + physOffset);
    }
    const load = this.#loads.find(
      ({ virtualAddress, memorySize }) => virtualAddress <= address && address < virtualAddress + memorySize,
    );
    if (load !== undefined) return load.physicalAddress + (address - load.virtualAddress);
    return imageOffset === undefined ? undefined : BigInt.asUintN(64, address - imageOffset);
  }
}
