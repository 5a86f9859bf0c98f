import { BoundedBytes } from '../base/bytes.js';
import { SEQUENCE } from './asn1-tags.js';

/** Length octets: what follows is the length, in one byte or two. No certificate is so short as to need none. */
const ONE_OCTET = 0x81;
const TWO_OCTETS = 0x82;

/** More than any keyring has. */
const CERTIFICATE_LIMIT = 4096;

/** Whether a file begins as a certificate in DER does. */
export function isDer(file: Uint8Array): boolean {
  return file[0] === SEQUENCE && (file[1] === ONE_OCTET || file[1] === TWO_OCTETS);
}

/**
 * Takes apart a file that has certificates in DER one after another: one, as a rule; a kernel's build has several in
 * `certs/x509_certificate_list`. What is in them is left to whoever parses certificates.
 *
 * The kernel asks for two length octets (`x509_load_certificate_list()`); this takes one as well, since in other
 * places the kernel does.
 *
 * @returns the certificates, sharing memory with the file
 * @throws KexecError EBADMSG, `der-certificates`: something else follows, or a certificate leaves the file.
 */
export function splitDerCertificates(file: Uint8Array): Uint8Array[] {
  const certificates: Uint8Array[] = [];
  for (let start = 0; start < file.length; ) {
    if (certificates.length === CERTIFICATE_LIMIT) {
      boundedBytes(file).fail(`more than ${CERTIFICATE_LIMIT} certificates`, start);
    }
    const certificate = readDerCertificate(file, start);
    certificates.push(certificate);
    start += certificate.length;
  }
  return certificates;
}

/**
 * The certificate that begins at an offset, whatever follows.
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
