import { KexecError } from '../../base/error.js';
import { type PeFile, parsePe } from './parse.js';

/**
 * A signed PE file without the zeros that were put behind its certificate table when it was put into something else: a
 * section of a UKI, or a zboot image, whose build fills an Image up to its size in memory. With them, the kernel would
 * digest part of the table, and take no signature.
 *
 * @returns the file as it is, if there is nothing to take off; shared with it
 */
export function stripPadding(file: Uint8Array): Uint8Array {
  const pe = peOf(file);
  return pe?.certificateTable === undefined ? file : withoutZeros(file, pe.certificateTable.end);
}

/** The same of one that is to be signed: without zeros behind its sections if it is not signed yet. */
export function stripPaddingToSign(file: Uint8Array): Uint8Array {
  const pe = peOf(file);
  if (pe === undefined || pe.certificateTable !== undefined || pe.pointerToSymbolTable !== 0) {
    return stripPadding(file);
  }
  const ends = pe.sections.filter(({ bytes }) => bytes.length > 0).map(({ raw }) => raw.end);
  return withoutZeros(file, Math.max(pe.sizeOfHeaders, ...ends));
}

function withoutZeros(file: Uint8Array, end: number): Uint8Array {
  for (let at = end; at < file.length; at += 1) if (file[at] !== 0) return file;
  return file.subarray(0, end);
}

/** What is malformed is refused where it is verified or loaded. */
function peOf(file: Uint8Array): PeFile | undefined {
  try {
    return parsePe(file);
  } catch (error) {
    if (error instanceof KexecError) return undefined;
    throw error;
  }
}
