import type { Range } from '../../base/range.js';

/** A range of physical memory in a dump. */
export interface DumpedRange extends Range {
  /** Bytes of the range that the file contains: fewer if pages were left out or the file is cut short. */
  readonly present: bigint;
}

/** Physical memory, as far as it was dumped. Addresses are physical. */
export interface DumpMemory {
  /** All ranges, lowest first. The call may read all bitmaps of the file. */
  ranges(): readonly DumpedRange[];
  /** The ranges that the file contains, lowest first. Reads bitmaps as it proceeds. */
  presentRuns(): Iterable<Range>;
  /**
   * Reads `length` bytes from `address`. The caller bounds the length, and does not change the bytes, which may be
   * shared.
   *
   * @throws KexecError, check `dump-memory`: `EFAULT` if the memory was not dumped, `ENODATA` if it was left out or the
   *   file is cut off before it; or the refusal of the file's format.
   */
  read(address: bigint, length: number): Uint8Array;
  /** Reads into the caller's buffer, if supported; saves an allocation per read. @throws as {@link read}. */
  readInto?(address: bigint, into: Uint8Array): void;
}

/** Reads memory into the caller's buffer, whether the memory supports that or not. @throws as {@link DumpMemory}. */
export function readMemory(memory: DumpMemory, address: bigint, into: Uint8Array): void {
  if (memory.readInto === undefined) into.set(memory.read(address, into.length));
  else memory.readInto(address, into);
}
