import { BoundedBytes, decodeBase64 } from '../base/bytes.js';
import { readDerCertificate } from './der-certificates.js';

/** A block between a BEGIN and an END line. */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`. */
  readonly label: string;
  /** The text between the lines, not decoded: an old encrypted key has headers there. */
  readonly body: string;
  /** Of the BEGIN line, in bytes from the start of the file. */
  readonly offset: number;
}

/** One character for each byte: PEM is ASCII, and text around the blocks is ignored. */
const BYTES = new TextDecoder('latin1');

const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t]*$/gm;

/** The names that OpenSSL has for a certificate, and so `scripts/extract-cert` of a kernel's build. */
const CERTIFICATE_LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE'];

/** OpenSSL's third name: the purposes that it is trusted for follow the certificate. */
const TRUSTED_LABEL = 'TRUSTED CERTIFICATE';

/** More characters than a certificate of 64 KiB needs, the largest that the kernel reads. */
const MAX_BODY_LENGTH = 1 << 17;

/** Whether a file has a PEM block. */
export function isPem(file: Uint8Array): boolean {
  return BYTES.decode(file).search(BEGIN) >= 0;
}

/**
 * Parses the blocks of a PEM file (RFC 7468) of all labels; text around them is ignored.
 *
 * @throws KexecError EBADMSG, `pem`: a block does not end.
 */
export function parsePem(file: Uint8Array): PemBlock[] {
  const text = BYTES.decode(file);
  const blocks: PemBlock[] = [];
  let end = 0;
  for (const { 0: line, 1: label = '', index } of text.matchAll(BEGIN)) {
    // A BEGIN line inside a block belongs to the block.
    if (index < end) continue;
    const start = index + line.length;
    end = text.indexOf(`\n-----END ${label}-----`, start);
    if (end < 0) boundedBytes(file).fail(`${label} has no END line`, index);
    blocks.push({ label, body: text.slice(start, end), offset: index });
  }
  return blocks;
}

/**
 * Parses the certificates of a PEM file into DER. Other blocks are ignored, so that a file with a certificate and its
 * private key, such as `certs/signing_key.pem` of a kernel's build, is accepted.
 *
 * @throws KexecError EBADMSG, `pem`: a block does not end, or the block of a certificate is not base64;
 *   `der-certificates`: a trusted certificate is no certificate.
 */
export function parsePemCertificates(file: Uint8Array): Uint8Array[] {
  return parsePem(file).flatMap((block) => decodePemCertificate(file, block) ?? []);
}

/**
 * Decodes a block to a certificate in DER.
 *
 * @returns undefined for blocks of other labels
 * @throws KexecError, as {@link parsePemCertificates}.
 */
export function decodePemCertificate(file: Uint8Array, block: PemBlock): Uint8Array | undefined {
  if (block.label === TRUSTED_LABEL) return readDerCertificate(decodePemBlock(file, block), 0);
  return CERTIFICATE_LABELS.includes(block.label) ? decodePemBlock(file, block) : undefined;
}

/** Decodes a block to DER. @throws KexecError EBADMSG, `pem`: it is too long, or not base64. */
export function decodePemBlock(file: Uint8Array, { label, body, offset }: PemBlock): Uint8Array {
  if (body.length > MAX_BODY_LENGTH) {
    boundedBytes(file).fail(`${label} has ${body.length} characters, more than ${MAX_BODY_LENGTH}`, offset);
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
