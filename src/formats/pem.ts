import { BoundedBytes, decodeBase64 } from '../base/bytes.js';
import { readDerCertificate } from './der-certificates.js';

/** A block between a BEGIN and an END line. */
export interface PemBlock {
  /** What it says it is: `CERTIFICATE`, `PRIVATE KEY`. */
  readonly label: string;
  /** What stands between the lines, not decoded: an old encrypted key has headers there. */
  readonly body: string;
  /** Where the BEGIN line is in the file. */
  readonly offset: number;
}

/** A byte a character; the letters of PEM are ASCII, and what is around the blocks does not matter. */
const BYTES = new TextDecoder('latin1');

const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t]*$/gm;

/** The names that OpenSSL has for a certificate, and so `scripts/extract-cert` of a kernel's build. */
const CERTIFICATE_LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE'];

/** OpenSSL's third name: what it is trusted for follows the certificate. */
const TRUSTED_LABEL = 'TRUSTED CERTIFICATE';

/** Characters of a certificate's block, more than the 64 KiB need that the kernel takes of one. */
const LONGEST_BODY = 1 << 17;

/** Whether a file has a PEM block. */
export function isPem(file: Uint8Array): boolean {
  return BYTES.decode(file).search(BEGIN) >= 0;
}

/**
 * Lists the blocks of a PEM file (RFC 7468), whatever they hold; text around them is passed over.
 *
 * @throws KexecError EBADMSG, `pem`: a block does not end.
 */
export function parsePem(file: Uint8Array): PemBlock[] {
  const text = BYTES.decode(file);
  const blocks: PemBlock[] = [];
  let end = 0;
  for (const { 0: line, 1: label = '', index } of text.matchAll(BEGIN)) {
    // A BEGIN within a block is the block's own affair.
    if (index < end) continue;
    const start = index + line.length;
    end = text.indexOf(`\n-----END ${label}-----`, start);
    if (end < 0) boundedBytes(file).fail(`${label} has no END line`, index);
    blocks.push({ label, body: text.slice(start, end), offset: index });
  }
  return blocks;
}

/**
 * The certificates of a PEM file, in DER. Other blocks are passed over, so that a file that has a private key beside
 * its certificate, as `certs/signing_key.pem` of a kernel's build, is a file with a certificate.
 *
 * @throws KexecError EBADMSG, `pem`: a block does not end, or a certificate's is not base64; `der-certificates`: a
 * trusted certificate is no certificate.
 */
export function parsePemCertificates(file: Uint8Array): Uint8Array[] {
  return parsePem(file).flatMap((block) => {
    if (block.label === TRUSTED_LABEL) return [readDerCertificate(decodeBlock(file, block), 0)];
    return CERTIFICATE_LABELS.includes(block.label) ? [decodeBlock(file, block)] : [];
  });
}

function decodeBlock(file: Uint8Array, { label, body, offset }: PemBlock): Uint8Array {
  if (body.length > LONGEST_BODY) {
    boundedBytes(file).fail(`${label} has ${body.length} characters, more than ${LONGEST_BODY}`, offset);
  }
  const base64 = body.replace(/\s+/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    boundedBytes(file).fail(`${label} is not base64`, offset);
  }
  return decodeBase64(base64);
}

function boundedBytes(file: Uint8Array): BoundedBytes {
  return new BoundedBytes(file, { what: 'PEM file', check: 'pem', errno: 'EBADMSG' });
}
