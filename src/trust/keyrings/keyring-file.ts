import { toHex } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { isDer, splitDerCertificates } from '../../formats/der-certificates.js';
import {
  EFI_SIGNATURE_TYPES,
  isEfiSignatureList,
  parseEfiSignatureLists,
} from '../../formats/efi-signature-list.js';
import {
  isEfiVariable,
  isEfiVariableUpdate,
  parseEfiVariable,
  parseEfiVariableUpdate,
} from '../../formats/efivar.js';
import { parsePe } from '../../formats/pe/parse.js';
import { isPem, parsePemCertificates } from '../../formats/pem.js';
import { parseVendorCert, VENDOR_CERT_SECTION } from '../../formats/vendor-cert.js';

export type KeyringFileKind =
  | 'pem'
  | 'der'
  | 'efi-signature-list'
  | 'efi-variable'
  | 'efi-variable-update'
  | 'vendor-cert';

/** Whether a file is to give trust, as db does, or to take it, as dbx does. */
export type KeyringFileRole = 'trust' | 'revoke';

/** What a file holds for a trust store. Certificates are in DER and not parsed; digests are in lower-case hex. */
export interface KeyringFile {
  readonly kind: KeyringFileKind;
  readonly certificates: readonly Uint8Array[];
  readonly revokedCertificates: readonly Uint8Array[];
  /** Digests of the to-be-signed parts of revoked certificates: 32, 48 or 64 bytes. */
  readonly certificateHashes: readonly string[];
  /** SHA-256 digests of revoked PE files, as Authenticode has them. */
  readonly fileHashes: readonly string[];
  /** Entries of signature lists that are of no use here. */
  readonly ignored: readonly IgnoredEntries[];
}

/** Entries of a type that neither gives nor takes trust in a certificate, or for which there is no rule. */
export interface IgnoredEntries {
  /** GUID of the type. */
  readonly type: string;
  /** Its name in the UEFI specification, without `EFI_CERT_` and `_GUID`; undefined if it is not known. */
  readonly name: string | undefined;
  readonly count: number;
}

type Contents = Omit<KeyringFile, 'kind'>;

const NOTHING: Contents = {
  certificates: [],
  revokedCertificates: [],
  certificateHashes: [],
  fileHashes: [],
  ignored: [],
};

/** A bundle of all the CAs of the web has a quarter of a megabyte, a large dbx 24 KiB. */
const LARGEST = 4 << 20;

/** Bytes of the digest in an entry that revokes a certificate by it; the time of revocation follows. */
const CERTIFICATE_HASH_SIZES: Readonly<Record<string, number>> = {
  X509_SHA256: 32,
  X509_SHA384: 48,
  X509_SHA512: 64,
};

const TIME_SIZE = 16;
const SHA256_SIZE = 32;

/**
 * Tells by a file's contents what it holds for a trust store: certificates in PEM (with whatever stands around and
 * beside them) or DER, an EFI signature list, a variable of efivarfs, an update of an authenticated variable (whose
 * signature is the firmware's to verify, not ours), or a shim, which has its vendor's CA and dbx in `.vendor_cert`.
 *
 * A signature list does not say whether it is a db or a dbx; `role` does. In the role of a db it gives certificates, and
 * its other entries are ignored, as the kernel ignores them (`get_handler_for_db()`). In the role of a dbx it revokes
 * certificates, digests of certificates and digests of files (`get_handler_for_dbx()`). A shim has both: as a db it gives
 * both, as a dbx its dbx alone.
 *
 * The kernel compares all of an entry that revokes a certificate by digest, time of revocation included, with a digest:
 * entries as UEFI defines them never match there. It has no rule for SHA-384 and SHA-512. Here all of them revoke,
 * whatever their time.
 *
 * @param file - the whole file
 * @throws KexecError EBADMSG: `keyring-file` if it is none of these, `pem`, `der-certificates`, `efi-signature-list`,
 * `efi-variable`, `vendor-cert`; EFBIG `keyring-file`; for a shim also what {@link parsePe} throws, and ENODATA
 * `keyring-file` if the PE file is no shim.
 */
export function parseKeyringFile(file: Uint8Array, role: KeyringFileRole = 'trust'): KeyringFile {
  const kind = kindOf(file);
  return { kind, ...PARSERS[kind](file, role) };
}

const PARSERS: Readonly<Record<KeyringFileKind, (file: Uint8Array, role: KeyringFileRole) => Contents>> = {
  pem: (file, role) => certificates(parsePemCertificates(file), role),
  der: (file, role) => certificates(splitDerCertificates(file), role),
  'efi-signature-list': signatureLists,
  'efi-variable': (file, role) => signatureLists(parseEfiVariable(file).data, role),
  'efi-variable-update': (file, role) => signatureLists(parseEfiVariableUpdate(file).data, role),
  'vendor-cert': vendorCert,
};

function kindOf(file: Uint8Array): KeyringFileKind {
  if (file[0] === 0x4d && file[1] === 0x5a) return 'vendor-cert';
  if (file.length > LARGEST) {
    refuse('keyring-file', 'EFBIG', `${hex(file.length)} bytes`);
  }
  if (isDer(file)) return 'der';
  if (isEfiSignatureList(file, 0)) return 'efi-signature-list';
  if (isEfiVariable(file) && (file.length === 4 || isEfiSignatureList(file, 4))) return 'efi-variable';
  if (isEfiVariableUpdate(file)) return 'efi-variable-update';
  if (isPem(file)) return 'pem';
  refuse('keyring-file', 'EBADMSG', file.length === 0 ? 'an empty file' : 'a file of none of these kinds');
}

function certificates(found: readonly Uint8Array[], role: KeyringFileRole): Contents {
  return role === 'trust' ? { ...NOTHING, certificates: found } : { ...NOTHING, revokedCertificates: found };
}

function vendorCert(file: Uint8Array, role: KeyringFileRole): Contents {
  const section = parsePe(file).sections.find(({ name }) => name === VENDOR_CERT_SECTION);
  if (section === undefined) {
    refuse('keyring-file', 'ENODATA', `a PE file without the section ${VENDOR_CERT_SECTION} of a shim`);
  }
  const { authorized, deauthorized } = parseVendorCert(section.bytes);
  const dbx = signatureLists(deauthorized, 'revoke');
  if (role === 'revoke') return dbx;
  const db = isDer(authorized)
    ? certificates(splitDerCertificates(authorized), role)
    : signatureLists(authorized, role);
  return { ...dbx, certificates: db.certificates, ignored: [...db.ignored, ...dbx.ignored] };
}

function signatureLists(data: Uint8Array, role: KeyringFileRole): Contents {
  const found: Uint8Array[] = [];
  const certificateHashes: string[] = [];
  const fileHashes: string[] = [];
  const ignored = new Map<string, number>();
  for (const { type, signatures } of parseEfiSignatureLists(data)) {
    const name = EFI_SIGNATURE_TYPES.get(type) ?? '';
    const entries = signatures.map((signature) => signature.data);
    const hashSize = CERTIFICATE_HASH_SIZES[name];
    if (name === 'X509') {
      for (const entry of entries) found.push(entry);
    } else if (role === 'revoke' && hashSize !== undefined) {
      for (const entry of entries)
        certificateHashes.push(digest(entry, hashSize, hashSize + TIME_SIZE, name));
    } else if (role === 'revoke' && name === 'SHA256') {
      for (const entry of entries) fileHashes.push(digest(entry, SHA256_SIZE, SHA256_SIZE, name));
    } else {
      ignored.set(type, (ignored.get(type) ?? 0) + entries.length);
    }
  }
  return {
    ...certificates(found, role),
    certificateHashes,
    fileHashes,
    ignored: Array.from(ignored, ([type, count]) => ({ type, name: EFI_SIGNATURE_TYPES.get(type), count })),
  };
}

/** The digest that an entry begins with. Some tools leave out the time behind it. */
function digest(entry: Uint8Array, digestSize: number, size: number, name: string): string {
  if (entry.length !== size && entry.length !== digestSize) {
    refuse(
      'efi-signature-list',
      'EBADMSG',
      `EFI signature list: a signature of type ${name} with ${entry.length} bytes`,
    );
  }
  return toHex(entry.subarray(0, digestSize));
}
