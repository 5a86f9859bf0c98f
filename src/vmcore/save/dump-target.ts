import { refuse } from '../../base/error.js';

/** Where a dump is saved to: a file that may have been begun before. Offsets are bytes from its start. */
export interface DumpTarget {
  /** In bytes, as it is now. */
  readonly size: bigint;
  /** Callers keep within {@link size}. */
  read(offset: bigint, length: number): Uint8Array;
  /** @throws KexecError, as the system refuses: `ENOSPC` where there is no room. */
  write(offset: bigint, bytes: Uint8Array): void;
  /** Makes it so large: what is new is zeros. */
  truncate(size: bigint): void;
}

/** How far a save is. */
export interface SaveProgress {
  /** Reading what is to be saved, or writing it. */
  readonly phase: 'look' | 'save';
  /** Bytes of memory, so far and in all. */
  readonly done: number;
  readonly total: number;
  /** How large the file gets, in bytes: as what is saved so far has it; not known while looking. */
  readonly size?: number;
}

/** What was saved. */
export interface Saved {
  /** The file's size in bytes. */
  readonly size: bigint;
  /** Pages in the file, those of zeros that share one place among them. */
  readonly pages: number;
  /** Pages left out, by kind. */
  readonly leftOut: LeftOut;
  /** Pages of which the kernel's page structs, which the filter asks for, cannot be read: they are kept. */
  readonly unknown: number;
  /** How many bytes were there already, of a save that had been begun. */
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
 * Puts what comes before the pages into a target, or finds it there: what tells one dump from another (when it crashed,
 * the registers of its CPUs, the filter) is in it, so that nothing else is gone on with.
 *
 * @returns whether all of it was there
 * @throws KexecError `EEXIST`, check `dump-save`, if something else is there.
 */
export function ensureWritten(target: DumpTarget, offset: bigint, bytes: Uint8Array): boolean {
  const left = target.size > offset ? target.size - offset : 0n;
  const there = target.read(offset, left < BigInt(bytes.length) ? Number(left) : bytes.length);
  let isSame = there.length === bytes.length;
  for (let at = 0; at < there.length; at += 1) {
    if (there[at] === bytes[at]) continue;
    isSame = false;
    // Zeros were not written yet, where something behind them was.
    if (there[at] !== 0) {
      refuse(
        'dump-save',
        'EEXIST',
        'what was begun there is another dump, or has another filter, format or compression',
        { offset: offset + BigInt(at) },
      );
    }
  }
  if (!isSame) target.write(offset, bytes);
  return isSame;
}
