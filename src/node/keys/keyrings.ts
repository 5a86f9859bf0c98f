import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { attempt, KexecError, refuse } from '../../base/error.js';
import type { Hashes } from '../../trust/hashes.js';
import type { KeyringName } from '../../trust/keyrings/keyring.js';
import {
  type KeyringFile,
  type KeyringFileKind,
  type KeyringFileRole,
  parseKeyringFile,
} from '../../trust/keyrings/keyring-file.js';
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

/** The purpose of a file: to fill a keyring, or to revoke. */
type Purpose = { readonly role: 'trust'; readonly keyring: KeyringName } | { readonly role: 'revoke' };

/** The variables of UEFI and shim, as efivarfs names them, and their purposes for the kernel (`load_uefi_certs()`). */
const VARIABLES: ReadonlyMap<string, Purpose> = new Map<string, Purpose>([
  ['db-d719b2cb-3d3a-4596-a3bc-dad00e67656f', { role: 'trust', keyring: 'platform' }],
  ['dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f', { role: 'revoke' }],
  ['MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23', { role: 'trust', keyring: 'machine' }],
  ['MokListXRT-605dab50-e046-4300-abb6-3dd810dd8b23', { role: 'revoke' }],
]);

/**
 * The keyring of a file whose name does not determine it. A shim's CA goes into the machine keyring: shim passes it to
 * the kernel in MokListRT, which a kernel with CONFIG_INTEGRITY_MACHINE_KEYRING loads there under secure boot
 * (`get_handler_for_mok()`); other kernels load it into platform.
 */
const DEFAULT_KEYRINGS: Readonly<Record<KeyringFileKind, KeyringName>> = {
  pem: 'builtin',
  der: 'builtin',
  pkcs7: 'builtin',
  'efi-signature-list': 'platform',
  'efi-variable': 'platform',
  'efi-variable-update': 'platform',
  'vendor-cert': 'machine',
};

const PREFIX = /^(builtin|secondary|machine|platform|ima):(.+)$/s;

/**
 * The files that are read from a folder, besides the variables. Other files in a kernel's `certs` are no certificates.
 */
const EXTENSIONS = /\.(pem|crt|cer|der|x509|esl|auth)$/i;

/** Copies of variables, by a word in the names of their files: `db.esl`, `dbx-2024.auth`, `efivar-MokListRT`. */
const VARIABLE_WORDS: readonly (readonly [word: RegExp, purpose: Purpose])[] = [
  [/^(dbx|moklistx)/i, { role: 'revoke' }],
  [/^(db|dbdefault)$/i, { role: 'trust', keyring: 'platform' }],
  [/^moklist(rt)?$/i, { role: 'trust', keyring: 'machine' }],
];

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

/**
 * Parses a machine's own EFI variables, by the names and with the contents that efivarfs gives them. Variables of other
 * names are ignored.
 *
 * @throws KexecError that names the variable: what {@link parseKeyringFile} throws.
 */
export function parseVariableTrustSources(variables: Readonly<Record<string, Uint8Array>>): TrustSource[] {
  return [...VARIABLES].flatMap(([file, purpose]) => {
    const name = file.slice(0, file.indexOf('-'));
    const bytes = variables[name];
    if (bytes === undefined) return [];
    const label = `the EFI variable ${name}`;
    const keyring = purpose.role === 'trust' ? purpose.keyring : 'platform';
    return [{ name: label, keyring, file: parseNamed(label, bytes, purpose.role) }];
  });
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
  return findPurpose(path)?.role === 'trust';
}

/** What a file is for by its name: a variable, or a copy of one. */
function findPurpose(path: string): Purpose | undefined {
  const name = basename(path);
  const words = name.split(/[-._ ]/);
  return (
    VARIABLES.get(name) ??
    VARIABLE_WORDS.find(([word]) => words.some((candidate) => word.test(candidate)))?.[1]
  );
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
  const purpose = findPurpose(path);
  const file = parseFile(path, purpose?.role ?? role);
  const usual =
    purpose?.role === 'trust' && !isCertificateFile(file) ? purpose.keyring : DEFAULT_KEYRINGS[file.kind];
  return { name: path, keyring: keyring ?? usual, file };
}

/** Whether a file has certificates alone. */
function isCertificateFile({ kind }: KeyringFile): boolean {
  return kind === 'pem' || kind === 'der' || kind === 'pkcs7';
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

function parseNamed(name: string, bytes: Uint8Array, role: KeyringFileRole): KeyringFile {
  const file = attempt(() => parseKeyringFile(bytes, role));
  if (file instanceof KexecError) throw file.with(`${name}: ${file.seen}`);
  return file;
}
