import { toHex } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
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
import { nameAnyFile } from '../../formats/foreign/name-file.js';
import { hasMagic } from '../../formats/magics.js';
import { parsePe } from '../../formats/pe/parse.js';
import { isPem, parsePemCertificates } from '../../formats/pem.js';
import { isPkcs7, listPemPkcs7, parsePkcs7Bundle } from '../../formats/pkcs7-certificates.js';
import { isPkcs12, PKCS12_CURE } from '../../formats/pkcs12.js';
import { parseVendorCert, VENDOR_CERT_SECTION } from '../../formats/vendor-cert.js';

export type KeyringFileKind =
  | 'pem'
  | 'der'
  | 'pkcs7'
  | 'efi-signature-list'
  | 'efi-variable'
  | 'efi-variable-update'
  | 'vendor-cert';

/** Whether a file adds trust, as db does, or revokes it, as dbx does. */
export type KeyringFileRole = 'trust' | 'revoke';

/** The contents of a file for a trust store. Certificates are DER, not parsed; digests are lower-case hex. */
export interface KeyringFile {
  readonly kind: KeyringFileKind;
  readonly certificates: readonly Uint8Array[];
  readonly revokedCertificates: readonly Uint8Array[];
  /** Digests of the to-be-signed parts of revoked certificates: 32, 48 or 64 bytes. */
  readonly certificateHashes: readonly string[];
  /** The entries of type X509_SHA256 as the kernel keeps them: whole, the time of revocation included. */
  readonly kernelCertificateHashes: readonly string[];
  /** Digests of revoked PE files, by the rules of Authenticode: 20, 28, 32, 48 or 64 bytes. */
  readonly fileHashes: readonly string[];
  /** Entries of signature lists that have no effect here. */
  readonly ignored: readonly IgnoredEntries[];
}

/** Ignored entries of one type: the type has no effect in the role of the list, or here at all. */
export interface IgnoredEntries {
  /** GUID of the type. */
  readonly type: string;
  /** Its name in the UEFI specification, without `EFI_CERT_` and `_GUID`; undefined for an unknown type. */
  readonly name: string | undefined;
  readonly count: number;
}

type Contents = Omit<KeyringFile, 'kind'>;

const EMPTY: Contents = {
  certificates: [],
  revokedCertificates: [],
  certificateHashes: [],
  kernelCertificateHashes: [],
  fileHashes: [],
  ignored: [],
};

/** A bundle of all CAs of the web has a quarter of a megabyte, a large dbx 24 KiB. */
const MAX_FILE_BYTES = 4 << 20;

/** Bytes of the digest in an entry that revokes a certificate by its digest; the time of revocation follows. */
const CERTIFICATE_HASH_SIZES: Readonly<Record<string, number>> = {
  X509_SHA256: 32,
  X509_SHA384: 48,
  X509_SHA512: 64,
};

/** Bytes of an entry that revokes a PE file by its digest. */
const FILE_HASH_SIZES: Readonly<Record<string, number>> = {
  SHA1: 20,
  SHA224: 28,
  SHA256: 32,
  SHA384: 48,
  SHA512: 64,
};

const TIME_SIZE = 16;

/**
 * Parses a file for a trust store, whose contents determine its kind: certificates in PEM (other blocks and text are
 * ignored), DER or PKCS#7 without a signature, an EFI signature list, a variable of efivarfs, an update of an
 * authenticated variable (whose signature only the firmware verifies), or a shim, which has its vendor's CA and dbx in
 * `.vendor_cert`.
 *
 * A signature list does not say whether it is a db or a dbx; `role` does. As a db, it adds certificates, and its other
 * entries are ignored, as the kernel ignores them (`get_handler_for_db()`). As a dbx, it revokes certificates, digests
 * of certificates and digests of files (`get_handler_for_dbx()`, which ignores those of files but SHA-256; firmware
 * does not). A shim contains both: as a db, both count; as a dbx, only its dbx.
 *
 * For an entry that revokes a certificate by digest, the kernel compares the whole entry, time of revocation included,
 * with a digest: entries as UEFI defines them never match. It ignores SHA-384 and SHA-512. Here all of them revoke,
 * whatever their time.
 *
 * @param file - the whole file
 * @throws KexecError EBADMSG: `keyring-file` for a file of another kind, `pem`, `der-certificates`, what
 *   `parsePkcs7Bundle()` throws, `efi-signature-list`, `efi-variable`, `vendor-cert`; EFBIG `keyring-file`; for a shim
 *   also what {@link parsePe} throws, and ENODATA `keyring-file` if the PE file is no shim.
 */
export function parseKeyringFile(file: Uint8Array, role: KeyringFileRole = 'trust'): KeyringFile {
  const kind = detectKind(file);
  return { kind, ...PARSERS[kind](file, role) };
}

const PARSERS: Readonly<Record<KeyringFileKind, (file: Uint8Array, role: KeyringFileRole) => Contents>> = {
  pem: (file, role) =>
    assignCertificates([...parsePemCertificates(file), ...listPemPkcs7(file).flatMap(readBundle)], role),
  der: (file, role) => assignCertificates(splitDerCertificates(file), role),
  pkcs7: (file, role) => assignCertificates(readBundle(file), role),
  'efi-signature-list': readSignatureLists,
  'efi-variable': (file, role) => readSignatureLists(parseEfiVariable(file).data, role),
  'efi-variable-update': (file, role) => readSignatureLists(parseEfiVariableUpdate(file).data, role),
  'vendor-cert': readVendorCert,
};

function detectKind(file: Uint8Array): KeyringFileKind {
  if (hasMagic(file, 'mz')) return 'vendor-cert';
  if (file.length > MAX_FILE_BYTES) {
    refuse('keyring-file', 'EFBIG', `a keyring file of ${formatBytes(file.length)}${nameOther(file)}`);
  }
  if (isPkcs12(file)) {
    const seen = 'a PKCS#12 file, a private key with its certificates, which its passphrase protects';
    refuse('keyring-file', 'EBADMSG', seen, { cure: PKCS12_CURE });
  }
  if (isPkcs7(file)) return 'pkcs7';
  if (isDer(file)) return 'der';
  if (isEfiSignatureList(file, 0)) return 'efi-signature-list';
  if (isEfiVariable(file) && (file.length === 4 || isEfiSignatureList(file, 4))) return 'efi-variable';
  if (isEfiVariableUpdate(file)) return 'efi-variable-update';
  if (isPem(file)) return 'pem';
  refuse(
    'keyring-file',
    'EBADMSG',
    file.length === 0 ? 'an empty file' : `a file of another kind${nameOther(file)}`,
  );
}

/** The certificates of a `.p7b`. Those that came with a signature are not meant to be trusted. */
function readBundle(file: Uint8Array): readonly Uint8Array[] {
  const { certificates, hasSigners } = parsePkcs7Bundle(file);
  if (!hasSigners) return certificates;
  refuse('keyring-file', 'EBADMSG', 'a PKCS#7 signature, not a list of certificates', {
    cure: 'give the certificates alone, in PEM, DER or PKCS#7 (.p7b); kexec-file signature attach adds a signature to a file',
  });
}

/** What a file is that has no keys, for the end of a sentence. */
function nameOther(file: Uint8Array): string {
  const name = nameAnyFile(file);
  return name === undefined ? '' : `: ${name}`;
}

function assignCertificates(found: readonly Uint8Array[], role: KeyringFileRole): Contents {
  return role === 'trust' ? { ...EMPTY, certificates: found } : { ...EMPTY, revokedCertificates: found };
}

function readVendorCert(file: Uint8Array, role: KeyringFileRole): Contents {
  const section = parsePe(file).sections.find(({ name }) => name === VENDOR_CERT_SECTION);
  if (section === undefined) {
    const seen = `a PE file without the section ${VENDOR_CERT_SECTION} of a shim${nameOther(file)}`;
    refuse('keyring-file', 'ENODATA', seen);
  }
  const { authorized, deauthorized } = parseVendorCert(section.bytes);
  const dbx = readSignatureLists(deauthorized, 'revoke');
  if (role === 'revoke') return dbx;
  const db = isDer(authorized)
    ? assignCertificates(splitDerCertificates(authorized), role)
    : readSignatureLists(authorized, role);
  return { ...dbx, certificates: db.certificates, ignored: [...db.ignored, ...dbx.ignored] };
}

function readSignatureLists(data: Uint8Array, role: KeyringFileRole): Contents {
  const found: Uint8Array[] = [];
  const certificateHashes: string[] = [];
  const kernelCertificateHashes: string[] = [];
  const fileHashes: string[] = [];
  const ignored = new Map<string, number>();
  for (const { type, signatures } of parseEfiSignatureLists(data)) {
    const name = EFI_SIGNATURE_TYPES.get(type) ?? '';
    const entries = signatures.map((signature) => signature.data);
    const hashSize = CERTIFICATE_HASH_SIZES[name];
    const fileHashSize = FILE_HASH_SIZES[name];
    if (name === 'X509') {
      for (const entry of entries) found.push(entry);
    } else if (role === 'revoke' && hashSize !== undefined) {
      for (const entry of entries) {
        certificateHashes.push(readDigest(entry, hashSize, hashSize + TIME_SIZE, name));
        if (name === 'X509_SHA256') kernelCertificateHashes.push(toHex(entry));
      }
    } else if (role === 'revoke' && fileHashSize !== undefined) {
      for (const entry of entries) fileHashes.push(readDigest(entry, fileHashSize, fileHashSize, name));
    } else {
      ignored.set(type, (ignored.get(type) ?? 0) + entries.length);
    }
  }
  return {
    ...assignCertificates(found, role),
    certificateHashes,
    kernelCertificateHashes,
    fileHashes,
    ignored: Array.from(ignored, ([type, count]) => ({ type, name: EFI_SIGNATURE_TYPES.get(type), count })),
  };
}

/** Reads the digest that an entry begins with. Some tools omit the time behind it. */
function readDigest(entry: Uint8Array, digestSize: number, size: number, name: string): string {
  if (entry.length !== size && entry.length !== digestSize) {
    refuse(
      'efi-signature-list',
      'EBADMSG',
      `EFI signature list: a signature of type ${name} with ${entry.length} bytes`,
    );
  }
  return toHex(entry.subarray(0, digestSize));
}
