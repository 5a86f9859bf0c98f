import { refuse } from '../../base/error.js';
import {
  alignToEntry,
  type PeEnd,
  removeEntries,
  replaceEnd,
  requireEditable,
} from '../../formats/pe/edit.js';
import { type FileRange, type PeFile, parsePe } from '../../formats/pe/parse.js';
import { guessUnsignedEnd } from '../../formats/pe/unsigned.js';
import { type OriginalEnd, readRecord } from './record-signature.js';

/**
 * Removes signatures from a PE file, and restores it as it was before they were made: to the byte if kexec-file made
 * them, or a tool whose changes `guessUnsignedEnd()` can undo. While other signatures are left, CheckSum is computed
 * again, as every signing tool does.
 *
 * @param which - indexes, counted from 0 in the order of the certificate table, or all
 * @throws KexecError as `parsePe()`; `ENODATA`, `signature-index`: the file has no such signature; `EINVAL`,
 *   `sign-layout`.
 */
export function removeSignatures(file: Uint8Array, which: readonly number[] | 'all'): Uint8Array {
  const pe = parsePe(file);
  requireEditable(file, pe);
  const { certificateTable: table } = pe;
  if (table === undefined) return requireSignature(pe, 0);

  const indexes = which === 'all' ? [...pe.certificates.keys()] : which;
  const removed = indexes.map((index) => requireSignature(pe, index));
  const remaining = removeEntries(file, pe, new Set(indexes));
  const end =
    removed
      .map((pkcs7) => readRecord(pkcs7))
      .map((record) => record && findEndByRecord(file, pe, table, remaining, record))
      .find((end) => end !== undefined) ?? findEndByRule(file, pe, table, remaining);
  return replaceEnd(file, pe, end);
}

/** Extracts the signature of an index, as sbattach does: with its padding, if dwLength includes that. */
export function extractSignature(file: Uint8Array, index: number): Uint8Array {
  const pe = parsePe(file);
  return requireSignature(pe, index);
}

function requireSignature({ certificates }: PeFile, index: number): Uint8Array {
  const certificate = certificates[index];
  if (certificate === undefined) {
    const has = certificates.length === 0 ? 'is not signed' : `has ${certificates.length} signature(s)`;
    refuse('signature-index', 'ENODATA', `no signature ${index}: the file ${has}, counted from 0`);
  }
  return certificate.bytes;
}

/** The end that a record describes. @returns undefined if the record does not fit the remaining file */
function findEndByRecord(
  file: Uint8Array,
  pe: PeFile,
  table: FileRange,
  remaining: Uint8Array,
  { length, checkSum, directory }: OriginalEnd,
): PeEnd | undefined {
  if (remaining.length === 0) {
    const wasUnsigned = directory.virtualAddress === 0 || directory.size === 0;
    const isPadding =
      alignToEntry(length) === table.start &&
      file.subarray(length, table.start).every((byte) => byte === 0) &&
      pe.sections.every(({ raw }) => raw.start === raw.end || raw.end <= length);
    if (!wasUnsigned || !isPadding) return undefined;
    return { contentLength: length, table: remaining, directory, checkSum };
  }
  const isSame =
    directory.virtualAddress === table.start &&
    directory.size <= remaining.length &&
    alignToEntry(directory.size) === alignToEntry(remaining.length) &&
    remaining.subarray(directory.size).every((byte) => byte === 0);
  if (!isSame) return undefined;
  return {
    contentLength: table.start,
    table: remaining.subarray(0, directory.size),
    directory,
    checkSum,
  };
}

function findEndByRule(file: Uint8Array, pe: PeFile, table: FileRange, remaining: Uint8Array): PeEnd {
  if (remaining.length > 0) {
    const directory = { virtualAddress: table.start, size: remaining.length };
    return { contentLength: table.start, table: remaining, directory, checkSum: 'computed' };
  }
  const { length, checkSum } = guessUnsignedEnd(file, pe, table.start);
  return {
    contentLength: length,
    table: remaining,
    directory: { virtualAddress: 0, size: 0 },
    checkSum,
  };
}
