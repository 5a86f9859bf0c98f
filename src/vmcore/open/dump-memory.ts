import type { Range } from '../../base/range.js';

/** A range of physical memory in a dump. */
export interface DumpedRange extends Range {
  /** How many bytes of it are in the file: less than it has, where pages were left out or the file is cut short. */
  readonly present: bigint;
}

/** Physical memory, as far as it was dumped. Addresses are physical. */
export interface DumpMemory {
  /** All of it, lowest first. To tell may take a walk over the whole file's bookkeeping, so it is a call. */
  ranges(): readonly DumpedRange[];
  /**
   * `length` bytes from `address`; callers bound the length, and do not change the bytes.
   *
   * @throws KexecError, check `dump-memory`: `EFAULT` where nothing was dumped, `ENODATA` what was left out or cut off;
   *   or what is wrong with the file there.
   */
  read(address: bigint, length: number): Uint8Array;
  /** Fills bytes of the caller's, where that can be done. @throws as {@link read}. */
  readInto?(address: bigint, into: Uint8Array): void;
}
