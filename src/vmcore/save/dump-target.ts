import { refuse } from '../../base/error.js';

/** The file that a dump is saved to, which an earlier run may have begun. Offsets are bytes from its start. */
export interface DumpTarget {
  /** The current size in bytes. */
  readonly size: bigint;
  /** Callers keep within {@link size}. */
  read(offset: bigint, length: number): Uint8Array;
  /** @throws KexecError, as the system refuses: `ENOSPC` if the disk is full. */
  write(offset: bigint, bytes: Uint8Array): void;
  /** Sets the size; new bytes are zeros. */
  truncate(size: bigint): void;
}

/** Progress of a save. */
export interface SaveProgress {
  /** `look`: finding out which pages are kept. `save`: writing them. */
  readonly phase: 'look' | 'save';
  /** Bytes of memory, so far and in total. */
  readonly done: number;
  readonly total: number;
  /** The estimated size of the file in bytes; unknown while looking. */
  readonly size?: number;
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

/**
 * Writes bytes that precede the pages, unless an earlier run wrote the same bytes. They distinguish dumps (time of the
 * crash, registers of the CPUs, filter), so only a save of the same dump is resumed.
 *
 * @returns whether all bytes were there
 * @throws KexecError `EEXIST`, check `dump-save`, if there are other bytes.
 */
export function ensureWritten(target: DumpTarget, offset: bigint, bytes: Uint8Array): boolean {
  const left = target.size > offset ? target.size - offset : 0n;
  const found = target.read(offset, left < BigInt(bytes.length) ? Number(left) : bytes.length);
  let isSame = found.length === bytes.length;
  for (let at = 0; at < found.length; at += 1) {
    if (found[at] === bytes[at]) continue;
    isSame = false;
    // Zeros were not written yet: something behind them was written first.
    if (found[at] !== 0) {
      const seen =
        'the incomplete file belongs to another dump, or has another filter, format or compression';
      refuse('dump-save', 'EEXIST', seen, { offset: offset + BigInt(at) });
    }
  }
  if (!isSame) target.write(offset, bytes);
  return isSame;
}
