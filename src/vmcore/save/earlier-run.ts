import { equalBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { minimum } from '../../base/u64.js';
import type { DumpTarget } from './dump-target.js';

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
