import { computeCheckSum } from '../../formats/pe/checksum.js';
import { alignToEntry, findCertificateTableStart } from '../../formats/pe/edit.js';
import type { PeFile } from '../../formats/pe/parse.js';
import { guessUnsignedEnd } from '../../formats/pe/unsigned.js';
import type { OriginalEnd } from './record-signature.js';

/** The index of the certificate table among the data directories. */
const CERTIFICATE_TABLE = 4;

/**
 * Finds how a PE file ends before it is signed, if removing the signature could not restore that: the signature must
 * then record it. Kernels need no record.
 *
 * @returns undefined if no record is needed
 */
export function findOriginalEnd(file: Uint8Array, pe: PeFile): OriginalEnd | undefined {
  const original = readEnd(file, pe);
  const isRestorable =
    pe.certificateTable === undefined
      ? isAsGuessed(file, pe, original)
      : pe.checkSum === computeCheckSum(file, pe.checkSumOffset) &&
        alignToEntry(original.directory.size) === original.directory.size;
  return isRestorable ? undefined : original;
}

function readEnd(file: Uint8Array, pe: PeFile): OriginalEnd {
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
