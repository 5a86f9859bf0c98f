import { equalBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { minimum } from '../../base/u64.js';

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
  /**
   * `look`: finding out which pages are kept. `compare`: comparing those of an earlier run. `save`: writing the others.
   */
  readonly phase: 'look' | 'compare' | 'save';
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
 * Writes bytes that precede the pages, unless an earlier run wrote the same bytes.
 *
 * @returns whether all bytes were there
 * @throws KexecError `EEXIST`, check `dump-save`, if there are other bytes.
 */
export function ensureWritten(target: DumpTarget, offset: bigint, bytes: Uint8Array): boolean {
  const found = readWritten(target, offset, bytes.length);
  let isSame = found.length === bytes.length;
  for (let at = 0; at < found.length; at += 1) {
    if (found[at] === bytes[at]) continue;
    isSame = false;
    // Zeros were not written yet: something behind them was written first.
    if (found[at] !== 0) refuseOtherDump(offset + BigInt(at));
  }
  if (!isSame) target.write(offset, bytes);
  return isSame;
}

/** How much is read at once, in bytes. */
const MAX_READ_BYTES = 1 << 20;

/**
 * Ensures that an earlier run wrote nothing into a range.
 *
 * @throws KexecError `EEXIST`, check `dump-save`, if there are bytes other than zeros.
 */
export function ensureUnwritten(target: DumpTarget, start: bigint, end: bigint): void {
  for (let at = start; at < end && at < target.size; at += BigInt(MAX_READ_BYTES)) {
    const found = readWritten(target, at, Number(minimum(end - at, BigInt(MAX_READ_BYTES))));
    const other = found.findIndex((byte) => byte !== 0);
    if (other >= 0) refuseOtherDump(at + BigInt(other));
  }
}

/**
 * Compares bytes of the dump with those that an earlier run wrote. Nothing that precedes the pages distinguishes two
 * dumps of a machine for sure, so all that is there is compared.
 *
 * @param written - what the target has
 * @param offset - of the bytes in the target
 * @throws KexecError `EEXIST`, check `dump-save`, if they differ.
 */
export function ensureSame(written: Uint8Array, bytes: Uint8Array, offset: bigint): void {
  if (!equalBytes(written, bytes)) refuseOtherDump(offset);
}

/** @throws KexecError `EEXIST`, check `dump-save`, always. */
export function refuseOtherDump(offset: bigint, cause?: unknown): never {
  const seen =
    'the incomplete file belongs to another dump, or has another filter, format or compression, or is damaged';
  refuse('dump-save', 'EEXIST', seen, {
    offset,
    cause,
    cure: 'remove FILE.incomplete to save the dump from its start, or save it into another file',
  });
}

function readWritten(target: DumpTarget, offset: bigint, length: number): Uint8Array {
  const left = target.size > offset ? target.size - offset : 0n;
  return target.read(offset, Number(minimum(left, BigInt(length))));
}
