import { toHex } from '../../base/bytes.js';
import { isDer, splitDerCertificates } from '../../formats/der-certificates.js';
import {
  EFI_SIGNATURE_TYPES,
  isEfiSignatureList,
  parseEfiSignatureLists,
} from '../../formats/efi-signature-list.js';
import { isEfiVariable, parseEfiVariable, parseEfiVariableUpdate } from '../../formats/efivar.js';
import { parseVendorCert } from '../../formats/vendor-cert.js';
import type { Hashes } from '../../trust/hashes.js';
import type { Facts } from '../facts.js';
import { describeCertificates } from './describe-certificate.js';
import { inspectPkcs7 } from './inspect-pkcs7.js';

/**
 * Inspects signature lists: certificates, and digests of files or certificates.
 *
 * @throws KexecError, as their parser
 */
export function inspectEfiLists(data: Uint8Array, hashes: Hashes): Facts {
  const lists = parseEfiSignatureLists(data);
  const entries = lists.flatMap(({ type, signatures }) =>
    signatures.map((signature) => ({ type: EFI_SIGNATURE_TYPES.get(type) ?? type, ...signature })),
  );
  const isCertificate = ({ type }: { readonly type: string }): boolean => type === 'X509';
  const ders = entries.filter(isCertificate).map(({ data: der }) => der);
  const digests = entries.filter((entry) => !isCertificate(entry));
  return {
    lists: lists.map(({ type, signatures }) => ({
      type: EFI_SIGNATURE_TYPES.get(type) ?? type,
      entries: signatures.length,
      owner: [...new Set(signatures.map(({ owner }) => owner))].slice(0, 4).join(' '),
    })),
    ...(ders.length === 0 ? {} : { certificates: describeCertificates(ders, hashes) }),
    ...(digests.length === 0
      ? {}
      : { digests: digests.map(({ type, data: digest }) => `${type} ${toHex(digest)}`) }),
  };
}

/** Whether a file is a variable as efivarfs shows it: signature lists, nothing, or a switch such as SecureBoot. */
export function isVariableFile(file: Uint8Array): boolean {
  if (!isEfiVariable(file) || file[0] === 0) return false;
  return file.length === 4 || (file.length === 5 && (file[4] ?? 2) < 2) || isEfiSignatureList(file, 4);
}

const ATTRIBUTES = [
  'non-volatile',
  'boot services',
  'run time',
  'hardware error',
  'authenticated by count',
  'authenticated by time',
  'append',
];

/** Inspects a file of efivarfs. @throws KexecError, as the parser of signature lists. */
export function inspectEfiVariable(file: Uint8Array, hashes: Hashes): Facts {
  const { attributes, data } = parseEfiVariable(file);
  const names = ATTRIBUTES.filter((_, bit) => (attributes & (1 << bit)) !== 0);
  return {
    attributes: names.join(', '),
    ...(data.length === 1 ? { value: data[0] ?? 0 } : inspectEfiLists(data, hashes)),
  };
}

/** Inspects an update of an authenticated variable (`.auth`): who signed it, and the new value. */
export function inspectEfiUpdate(file: Uint8Array, hashes: Hashes): Facts {
  const { signature, data } = parseEfiVariableUpdate(file);
  return {
    signature: inspectPkcs7(signature, hashes),
    ...(isEfiSignatureList(data, 0) ? inspectEfiLists(data, hashes) : { bytes: data.length }),
  };
}

/** Inspects the keys that are built into a shim. @param section - `.vendor_cert` */
export function inspectVendorCert(section: Uint8Array, hashes: Hashes): Facts {
  const { authorized, deauthorized } = parseVendorCert(section);
  const trusted = isDer(authorized)
    ? { certificates: describeCertificates(splitDerCertificates(authorized), hashes) }
    : inspectEfiLists(authorized, hashes);
  return { trusted, revoked: inspectEfiLists(deauthorized, hashes) };
}
