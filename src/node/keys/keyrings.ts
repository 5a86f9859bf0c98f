import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { refuse } from '../../base/error.js';
import type { Hashes } from '../../trust/hashes.js';
import type { KeyringName } from '../../trust/keyrings/keyring.js';
import type { KeyringFile, KeyringFileRole } from '../../trust/keyrings/keyring-file.js';
import {
  DEFAULT_KEYRINGS,
  findPurpose,
  isCertificateFile,
  parseNamed,
  parseTrustSource,
} from '../../trust/keyrings/trust-purpose.js';
import {
  buildTrustStore,
  type LoadedTrustStore,
  type TrustSource,
} from '../../trust/keyrings/trust-store.js';
import { toAccessError } from '../files/access-error.js';
import { describeInput, type FileInput, readInput } from '../files/file-input.js';
import { isDash } from '../files/standard-input.js';

/** What is trusted and what is revoked: paths, or the bytes of files. */
export interface TrustOptions {
  /** Files of certificates, in PEM, DER or PKCS#7 without a signature, for the builtin keyring. */
  readonly certs?: readonly FileInput[];
  /** Files of any kind and folders of them; a keyring's name and a colon may precede a path. */
  readonly keyrings?: readonly FileInput[];
  /** Files and folders of revoked certificates and digests. */
  readonly dbx?: readonly FileInput[];
  /** The value of the kernel's attribute security.ima; for loads under `as-kernel`. */
  readonly imaXattr?: FileInput | undefined;
}

const PREFIX = /^(builtin|secondary|machine|platform|ima):(.+)$/s;

/**
 * The files that are read from a folder, besides the variables. Other files in a kernel's `certs` are no certificates.
 */
const EXTENSIONS = /\.(pem|crt|cer|der|x509|esl|auth)$/i;

/** Copies of variables without an extension, and updates as the UEFI Forum publishes them: `DBXUpdate.bin`. */
const VARIABLE_FILE = /^[^.]*(\.bin)?$/;

/** Types of entries that only a dbx has. */
const REVOKING_TYPES = /^X509_SHA/;

/**
 * Reads the files that a command names as trusted or revoked, and builds a trust store from them.
 *
 * - `certs`: certificates in PEM, DER or PKCS#7, into the builtin keyring.
 * - `keyrings`: any file that {@link parseKeyringFile} knows, or a folder, from which the files are read whose names
 *   end in `.pem`, `.crt`, `.cer`, `.der`, `.x509`, `.esl` or `.auth`, or are those of the variables of UEFI and shim;
 *   not its subfolders. Certificates in PEM, DER and PKCS#7 go into builtin, db and other signature lists into
 *   platform, MokListRT and a shim's CA into machine; `builtin:`, `secondary:`, `machine:`, `platform:` or `ima:`
 *   before the path overrides that. Files named after dbx and MokListX (`dbx.esl`, `MokListXRT-…`), and a shim's dbx,
 *   always revoke.
 * - `dbx`: the same files, to revoke; in a folder, files named after db and MokList are ignored.
 *
 * @throws KexecError that names the file: what {@link parseKeyringFile} and {@link buildTrustStore} throw;
 * `keyring-file` ENODATA for a file or a folder without certificates or lists, EINVAL for another kind of file in
 * `certs`; `keyring-role` EINVAL for db as `dbx`, and for a keyring with entries that only revoke; `file-access`.
 */
export function loadTrustStore(options: TrustOptions, hashes: Hashes): LoadedTrustStore {
  return buildTrustStore(readTrustSources(options), hashes);
}

/** Reads the files that a command names; {@link loadTrustStore} builds a trust store from them. */
export function readTrustSources({ certs = [], keyrings = [], dbx = [] }: TrustOptions): TrustSource[] {
  return [...certs.flatMap(readCert), ...keyrings.flatMap(readKeyring), ...dbx.flatMap(readDbx)];
}

function readCert(input: FileInput): readonly TrustSource[] {
  const path = describeInput(input);
  const file = parseFile(input, 'trust');
  if (!isCertificateFile(file)) {
    refuse(
      'keyring-file',
      'EINVAL',
      `${path} is no certificate file but of kind ${file.kind}, which --keyring accepts`,
    );
  }
  return requireCertificates(path, [{ name: path, keyring: 'builtin', file }]);
}

function readKeyring(argument: FileInput): readonly TrustSource[] {
  if (typeof argument !== 'string') return readBytes(argument, 'trust');
  const [, keyring, path = argument] = PREFIX.exec(argument) ?? [];
  const sources = listFiles(path).map((file) =>
    readSource(file, 'trust', keyring as KeyringName | undefined),
  );
  for (const source of sources) requireTrust(source);
  return requireCertificates(path, sources);
}

/** Refuses a list that revokes, under a name that does not say so: its entries would be ignored. */
function requireTrust({ name, file }: TrustSource): void {
  for (const { name: type = '', count } of file.ignored) {
    if (!REVOKING_TYPES.test(type)) continue;
    refuse(
      'keyring-role',
      'EINVAL',
      `${name} as a keyring: it has ${count} entries of type ${type}, which revoke`,
    );
  }
}

function readDbx(path: FileInput): readonly TrustSource[] {
  if (typeof path !== 'string') return readBytes(path, 'revoke');
  if (isTrusted(path)) refuse('keyring-role', 'EINVAL', `${path} as a dbx`);
  const files = listFiles(path).filter((file) => !isTrusted(file));
  if (files.length === 0) refuse('keyring-role', 'EINVAL', `${path} as a dbx: its files add trust`);
  return requireCertificates(
    path,
    files.map((file) => readSource(file, 'revoke', undefined)),
  );
}

function readBytes(bytes: Uint8Array, role: KeyringFileRole): readonly TrustSource[] {
  const file = parseFile(bytes, role);
  const name = describeInput(bytes);
  return requireCertificates(name, [{ name, keyring: DEFAULT_KEYRINGS[file.kind], file }]);
}

function isTrusted(path: string): boolean {
  return findPurpose(basename(path))?.role === 'trust';
}

function isKeyringName(name: string): boolean {
  return EXTENSIONS.test(name) || (findPurpose(name) !== undefined && VARIABLE_FILE.test(name));
}

/** Lists the files of a path: the path itself, or the files in a folder, sorted by name. */
function listFiles(path: string): string[] {
  const entries = readFolder(path);
  if (entries === undefined) return [path];
  const names = entries.filter(isKeyringName);
  if (names.length === 0) refuse('keyring-file', 'ENODATA', `the folder ${path} has no keyring file`);
  return names.sort().map((name) => join(path, name));
}

/** The names in a folder. @returns undefined if the path is no folder */
function readFolder(path: string): string[] | undefined {
  if (isDash(path)) return undefined;
  try {
    return statSync(path).isDirectory() ? readdirSync(path) : undefined;
  } catch (cause) {
    throw toAccessError(`cannot read ${path}`, cause);
  }
}

function readSource(path: string, role: KeyringFileRole, keyring: KeyringName | undefined): TrustSource {
  return parseTrustSource(path, readInput(path), role, keyring);
}

/** Refuses PEM and PKCS#7 files without a certificate, which are a mistake. An empty db is valid. */
function requireCertificates(path: string, sources: readonly TrustSource[]): readonly TrustSource[] {
  const lacksCertificates = ({ file }: TrustSource) =>
    isCertificateFile(file) && file.certificates.length + file.revokedCertificates.length === 0;
  if (sources.every(lacksCertificates)) refuse('keyring-file', 'ENODATA', `${path} has no certificate`);
  return sources;
}

function parseFile(input: FileInput, role: KeyringFileRole): KeyringFile {
  return parseNamed(describeInput(input), readInput(input), role);
}
