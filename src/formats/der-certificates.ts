import { BoundedBytes } from '../base/bytes.js';
import { SEQUENCE } from './asn1-tags.js';

/** Length octets that announce a length of one byte or two. Every certificate is long enough to need them. */
const ONE_OCTET = 0x81;
const TWO_OCTETS = 0x82;

/** More than any keyring holds. */
const MAX_CERTIFICATES = 4096;

/** Whether a file begins as a certificate in DER does. */
export function isDer(file: Uint8Array): boolean {
  return file[0] === SEQUENCE && (file[1] === ONE_OCTET || file[1] === TWO_OCTETS);
}

/**
 * Splits a file of certificates in DER, one after another: usually one; a kernel's build has several in
 * `certs/x509_certificate_list`. The certificates are not parsed.
 *
 * The kernel requires two length octets here (`x509_load_certificate_list()`); this accepts one as well, as the kernel
 * does in other places.
 *
 * @returns the certificates, sharing memory with the file
 * @throws KexecError EBADMSG, `der-certificates`: something else follows, or a certificate leaves the file.
 */
export function splitDerCertificates(file: Uint8Array): Uint8Array[] {
  const certificates: Uint8Array[] = [];
  for (let start = 0; start < file.length; ) {
    if (certificates.length === MAX_CERTIFICATES) {
      boundedBytes(file).fail(`more than ${MAX_CERTIFICATES} certificates`, start);
    }
    const certificate = readDerCertificate(file, start);
    certificates.push(certificate);
    start += certificate.length;
  }
  return certificates;
}

/**
 * Reads the certificate that begins at an offset; what follows is ignored.
 *
 * @throws KexecError EBADMSG, `der-certificates`: something else is there, or it leaves the file.
 */
export function readDerCertificate(file: Uint8Array, start: number): Uint8Array {
  const bytes = boundedBytes(file);
  if (!isDer(file.subarray(start, start + 2))) bytes.fail('no SEQUENCE of a certificate', start);
  const octets = bytes.u8(start + 1) - 0x80;
  const length = octets === 1 ? bytes.u8(start + 2) : bytes.u8(start + 2) * 256 + bytes.u8(start + 3);
  return bytes.slice(start, 2 + octets + length, 'a certificate');
}

function boundedBytes(file: Uint8Array): BoundedBytes {
  return new BoundedBytes(file, { what: 'DER file', check: 'der-certificates', errno: 'EBADMSG' });
}
