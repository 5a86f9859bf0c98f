import { attempt, KexecError } from '../../base/error.js';
import { type PeFile, parsePe } from './parse.js';

/**
 * Strips the zeros behind the certificate table of a signed PE file that was inside another file: a section of a UKI,
 * or a zboot image, whose build pads an Image to its size in memory. With the zeros, the kernel would digest part of
 * the table, and refuse the signature.
 *
 * @returns the file without them, sharing its memory
 */
export function stripPadding(file: Uint8Array): Uint8Array {
  const pe = tryToParse(file);
  return pe?.certificateTable === undefined ? file : stripZeros(file, pe.certificateTable.end);
}

/** The same for a file that is to be signed: if it is not signed yet, strips the zeros behind its sections. */
export function stripPaddingToSign(file: Uint8Array): Uint8Array {
  const pe = tryToParse(file);
  if (pe === undefined || pe.certificateTable !== undefined || pe.pointerToSymbolTable !== 0) {
    return stripPadding(file);
  }
  const ends = pe.sections.filter(({ bytes }) => bytes.length > 0).map(({ raw }) => raw.end);
  return stripZeros(file, Math.max(pe.sizeOfHeaders, ...ends));
}

function stripZeros(file: Uint8Array, end: number): Uint8Array {
  for (let at = end; at < file.length; at += 1) if (file[at] !== 0) return file;
  return file.subarray(0, end);
}

/** @returns undefined for a malformed file, which verifying or loading refuses */
function tryToParse(file: Uint8Array): PeFile | undefined {
  const pe = attempt(() => parsePe(file));
  return pe instanceof KexecError ? undefined : pe;
}
