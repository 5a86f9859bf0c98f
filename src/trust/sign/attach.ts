import { equalBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import {
  addEntry,
  encodeCertificate,
  findCertificateTableStart,
  replaceEnd,
  sliceCertificateTable,
} from '../../formats/pe/edit.js';
import { parsePe } from '../../formats/pe/parse.js';
import type { Hashes } from '../hashes.js';
import { parseIndirectData } from '../pe/mscode.js';
import { parsePkcs7 } from '../pkcs7/parse-message.js';
import { computeFileDigest } from './file-digest.js';

/** The place of a new signature among a file's signatures. */
export interface Place {
  /** After the others instead of before them. The kernel verifies only the first. */
  readonly append: boolean;
}

/**
 * Adds a signature to a PE file, and computes CheckSum again.
 *
 * @param pkcs7 - a message that was made for this file, such as `PreparedSignature.finish()` returns
 * @throws KexecError as `parsePe()`; `EINVAL`, `sign-layout`: the file cannot hold a signature; `EFBIG`, `file-size`.
 */
export function addSignature(file: Uint8Array, pkcs7: Uint8Array, place: Place): Uint8Array {
  const pe = parsePe(file);
  const start = findCertificateTableStart(file, pe);
  const table = addEntry(sliceCertificateTable(file, pe), encodeCertificate(pkcs7), place);
  return replaceEnd(file, pe, {
    contentLength: start,
    table,
    directory: { virtualAddress: start, size: table.length },
    checkSum: 'computed',
  });
}

/**
 * Adds a signature that was made elsewhere, if it is over this file. Its signer is not verified.
 *
 * @throws KexecError as {@link addSignature}; as `parsePkcs7()` and `parseIndirectData()` for malformed bytes;
 *   `EKEYREJECTED`, `pe-digest`: the signature is over another file.
 */
export function attachSignature(
  file: Uint8Array,
  pkcs7: Uint8Array,
  place: Place,
  hashes: Hashes,
): Uint8Array {
  const { content, contentType } = parsePkcs7(pkcs7, hashes);
  if (content === undefined || contentType !== 'msIndirectData') {
    refuse('pkcs7-content', 'EINVAL', 'a PKCS#7 message that is no Authenticode signature');
  }
  const { hash, digest } = parseIndirectData(content.whole);
  const own = computeFileDigest(file, parsePe(file), hash, hashes);
  if (!equalBytes(own, digest)) {
    refuse(
      'pe-digest',
      'EKEYREJECTED',
      `the signature is over another file: its ${hash} digest is not this file's`,
    );
  }
  return addSignature(file, pkcs7, place);
}
