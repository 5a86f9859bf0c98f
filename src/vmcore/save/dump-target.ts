/** Where a dump is written to, and never read from: a stream. Offsets are bytes from the start of the dump. */
export interface DumpSink {
  /**
   * Writes bytes, in any order; those that are never written are zeros. The bytes are the caller's again afterwards.
   *
   * @throws KexecError, as the system refuses: `ENOSPC` if the disk is full, `EPIPE` if the reader is gone.
   */
  write(offset: bigint, bytes: Uint8Array): void;
  /** Sets the size; new bytes are zeros. @throws as {@link write}. */
  truncate(size: bigint): void;
}

/** Takes a dump that is only measured. */
export const NOWHERE: DumpSink = { write: () => {}, truncate: () => {} };

/** The file that a dump is saved to, which an earlier run may have begun. */
export interface DumpTarget extends DumpSink {
  /** The current size in bytes. */
  readonly size: bigint;
  /** Callers keep within {@link size}. */
  read(offset: bigint, length: number): Uint8Array;
}

/** Where a dump is written to. */
export interface DumpOutput {
  readonly sink: DumpSink;
  /** The sink, if it is a file that an earlier run may have begun. */
  readonly earlier?: DumpTarget | undefined;
}

/** Progress of a save. */
export interface SaveProgress {
  /**
   * `look`: finding out which pages are kept. `compare`: comparing those of an earlier run. `save`: writing the others.
   */
  readonly phase: 'look' | 'compare' | 'save';
  /** Bytes of memory, so far and in total. */
  readonly done: number;
  readonly total: number;
  /** The estimated size of the file in bytes; unknown while looking. */
  readonly size?: number;
  /** The least size of the file in bytes: without pages whose packed size is not known yet; unknown while looking. */
  readonly minSize?: number;
}

/** The result of a save. */
export interface Saved {
  /** The size of the file in bytes. */
  readonly size: bigint;
  /** The number of pages in the file; pages of zeros count, although they share one place. */
  readonly pages: number;
  /** Numbers of pages that were left out, by kind. */
  readonly leftOut: LeftOut;
  /** The number of pages that were kept because their `struct page`, which the filter needs, cannot be read. */
  readonly unknown: number;
  /** How many bytes an earlier run had written. */
  readonly resumedAt: bigint;
}

/** Numbers of pages that were left out. */
export interface LeftOut {
  readonly zero: number;
  readonly cache: number;
  readonly 'cache-private': number;
  readonly user: number;
  readonly free: number;
  readonly poisoned: number;
  readonly offline: number;
}
