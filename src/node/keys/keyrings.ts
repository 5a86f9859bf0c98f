import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { attempt, KexecError, refuse } from '../../base/error.js';
import type { Hashes } from '../../trust/hashes.js';
import {
  type KeyringFile,
  type KeyringFileKind,
  type KeyringFileRole,
  parseKeyringFile,
} from '../../trust/keyrings/keyring-file.js';
import {
  buildTrustStore,
  type KeyringName,
  type LoadedTrustStore,
  type TrustSource,
} from '../../trust/keyrings/trust-store.js';
import { toAccessError } from '../files/access-error.js';
import { type FileInput, inputName, readInput } from '../files/file-input.js';

/** What is trusted and what is revoked: paths, or the bytes of files. */
export interface TrustOptions {
  /** Files of certificates, in PEM or DER, for the builtin keyring. */
  readonly certs?: readonly FileInput[];
  /** Files of any kind and folders of them; a keyring's name and a colon may precede a path. */
  readonly keyrings?: readonly FileInput[];
  /** Files and folders of revoked certificates and digests. */
  readonly dbx?: readonly FileInput[];
}

/** What a file is for: which keyring it fills, or that it revokes. */
type Purpose = { readonly role: 'trust'; readonly keyring: KeyringName } | { readonly role: 'revoke' };

/** Shim's and UEFI's variables, as efivarfs names them, and where the kernel puts them (`load_uefi_certs()`). */
const VARIABLES: ReadonlyMap<string, Purpose> = new Map<string, Purpose>([
  ['db-d719b2cb-3d3a-4596-a3bc-dad00e67656f', { role: 'trust', keyring: 'platform' }],
  ['dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f', { role: 'revoke' }],
  ['MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23', { role: 'trust', keyring: 'machine' }],
  ['MokListXRT-605dab50-e046-4300-abb6-3dd810dd8b23', { role: 'revoke' }],
]);

/**
 * Where a file goes that does not say so itself. A shim's CA goes into the machine keyring: shim hands it to the kernel
 * in MokListRT, which a kernel with CONFIG_INTEGRITY_MACHINE_KEYRING loads there (`get_handler_for_mok()`), under
 * secure boot; one without has it in platform.
 */
const DEFAULT_KEYRINGS: Readonly<Record<KeyringFileKind, KeyringName>> = {
  pem: 'builtin',
  der: 'builtin',
  'efi-signature-list': 'platform',
  'efi-variable': 'platform',
  'efi-variable-update': 'platform',
  'vendor-cert': 'machine',
};

const PREFIX = /^(builtin|secondary|machine|platform|ima):(.+)$/s;

/** What is read of a folder, beside the variables; the rest of what is in a kernel's `certs` is none of this. */
const EXTENSIONS = /\.(pem|crt|cer|der|x509|esl|auth)$/i;

/**
 * Reads the files that a command names as trusted or revoked, and fills a trust store with them.
 *
 * - `certs`: certificates in PEM or DER, into the builtin keyring.
 * - `keyrings`: any file that {@link parseKeyringFile} knows, or a folder, of which the files are read whose names end in
 *   `.pem`, `.crt`, `.cer`, `.der`, `.x509`, `.esl` or `.auth` or are those of UEFI's and shim's variables; folders in
 *   it are not. Certificates in PEM and DER go into builtin, db and other signature lists into platform, MokListRT and
 *   a shim's CA into machine; `builtin:`, `secondary:`, `machine:`, `platform:` or `ima:` before the path overrides
 *   that. Files by the names of dbx and MokListXRT, and a shim's dbx, always revoke.
 * - `dbx`: the same files, to revoke; in a folder, db and MokListRT are passed over.
 *
 * @throws KexecError that names the file: what {@link parseKeyringFile} and {@link buildTrustStore} throw;
 * `keyring-file` ENODATA for a file or a folder that gives nothing, EINVAL for a `certs` that is something else;
 * `keyring-role` EINVAL for db as `dbx`; `file-access`.
 */
export function loadTrustStore(options: TrustOptions, hashes: Hashes): LoadedTrustStore {
  return buildTrustStore(readTrustSources(options), hashes);
}

/** The files that a command names, read for a trust store; as {@link loadTrustStore}, which fills one with them. */
export function readTrustSources({ certs = [], keyrings = [], dbx = [] }: TrustOptions): TrustSource[] {
  return [...certs.flatMap(readCert), ...keyrings.flatMap(readKeyring), ...dbx.flatMap(readDbx)];
}

/**
 * What a machine's own EFI variables say about trust, by the names and with the contents that efivarfs gives them;
 * variables of other names are passed over.
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
  const path = inputName(input);
  const file = parseFile(input, 'trust');
  if (file.kind !== 'pem' && file.kind !== 'der') {
    refuse('keyring-file', 'EINVAL', `${path} is no certificate: it is of kind ${file.kind}, for --keyring`);
  }
  return withCertificates(path, [{ name: path, keyring: 'builtin', file }]);
}

function readKeyring(argument: FileInput): readonly TrustSource[] {
  if (typeof argument !== 'string') return readBytes(argument, 'trust');
  const [, keyring, path = argument] = PREFIX.exec(argument) ?? [];
  const sources = filesOf(path).map((file) => readSource(file, 'trust', keyring as KeyringName | undefined));
  return withCertificates(path, sources);
}

function readDbx(path: FileInput): readonly TrustSource[] {
  if (typeof path !== 'string') return readBytes(path, 'revoke');
  if (isTrusted(path)) refuse('keyring-role', 'EINVAL', `${path} as a dbx`);
  const files = filesOf(path).filter((file) => !isTrusted(file));
  return withCertificates(
    path,
    files.map((file) => readSource(file, 'revoke', undefined)),
  );
}

function readBytes(bytes: Uint8Array, role: KeyringFileRole): readonly TrustSource[] {
  const file = parseFile(bytes, role);
  const name = inputName(bytes);
  return withCertificates(name, [{ name, keyring: DEFAULT_KEYRINGS[file.kind], file }]);
}

function isTrusted(path: string): boolean {
  return VARIABLES.get(basename(path))?.role === 'trust';
}

/** The files that a path stands for: itself, or what is in a folder, in the order of their names. */
function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => EXTENSIONS.test(name) || VARIABLES.has(name));
    if (names.length === 0)
      refuse('keyring-file', 'ENODATA', `the folder ${path} has no file of these kinds`);
    return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw cause instanceof KexecError ? cause : toAccessError(`cannot read ${path}`, cause);
  }
}

function readSource(path: string, role: KeyringFileRole, keyring: KeyringName | undefined): TrustSource {
  const variable = VARIABLES.get(basename(path));
  const file = parseFile(path, variable?.role ?? role);
  const usual = variable?.role === 'trust' ? variable.keyring : DEFAULT_KEYRINGS[file.kind];
  return { name: path, keyring: keyring ?? usual, file };
}

/** An empty db is none the worse for it; PEM without any certificate is a mistake. */
function withCertificates(path: string, sources: readonly TrustSource[]): readonly TrustSource[] {
  const isKeyAlone = ({ file }: TrustSource) =>
    file.kind === 'pem' && file.certificates.length + file.revokedCertificates.length === 0;
  if (sources.every(isKeyAlone)) refuse('keyring-file', 'ENODATA', `${path} has no certificate`);
  return sources;
}

function parseFile(input: FileInput, role: KeyringFileRole): KeyringFile {
  return parseNamed(inputName(input), readInput(input), role);
}

function parseNamed(name: string, bytes: Uint8Array, role: KeyringFileRole): KeyringFile {
  const file = attempt(() => parseKeyringFile(bytes, role));
  if (file instanceof KexecError) throw file.with(`${name}: ${file.seen}`);
  return file;
}
