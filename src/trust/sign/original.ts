import { computeCheckSum } from '../../formats/pe/checksum.js';
import { alignToEntry, findCertificateTableStart } from '../../formats/pe/edit.js';
import type { PeFile } from '../../formats/pe/parse.js';
import { guessUnsignedEnd } from '../../formats/pe/unsigned.js';
import type { OriginalEnd } from './record-signature.js';

/** The certificate table's place among the data directories. */
const CERTIFICATE_TABLE = 4;

/**
 * How a PE file that is about to be signed ends, if that could not be told from the signed file: what the signature has
 * to keep a record of, so that it can be taken off again without a trace. Kernels need none.
 *
 * @returns nothing if it can be told
 */
export function findOriginalEnd(file: Uint8Array, pe: PeFile): OriginalEnd | undefined {
  const original = originalEnd(file, pe);
  const isTold =
    pe.certificateTable === undefined
      ? isAsGuessed(file, pe, original)
      : pe.checkSum === computeCheckSum(file, pe.checkSumOffset) &&
        alignToEntry(original.directory.size) === original.directory.size;
  return isTold ? undefined : original;
}

function originalEnd(file: Uint8Array, pe: PeFile): OriginalEnd {
  const directory = pe.directories[CERTIFICATE_TABLE] ?? { virtualAddress: 0, size: 0 };
  return { length: file.length, checkSum: pe.checkSum, directory };
}

function isAsGuessed(file: Uint8Array, pe: PeFile, { directory, length }: OriginalEnd): boolean {
  const guess = guessUnsignedEnd(file, pe, findCertificateTableStart(file, pe));
  return (
    directory.virtualAddress === 0 &&
    directory.size === 0 &&
    guess.length === length &&
    pe.checkSum ===
      (guess.checkSum === 'computed' ? computeCheckSum(file, pe.checkSumOffset) : guess.checkSum)
  );
}
