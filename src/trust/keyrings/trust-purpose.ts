/** The purpose of a file of certificates by its name, and the keyring for it: for files that a user names. */
import { attempt, KexecError } from '../../base/error.js';
import type { KeyringName } from './keyring.js';
import {
  type KeyringFile,
  type KeyringFileKind,
  type KeyringFileRole,
  parseKeyringFile,
} from './keyring-file.js';
import type { TrustSource } from './trust-store.js';

/** The purpose of a file: to fill a keyring, or to revoke. */
export type Purpose = { readonly role: 'trust'; readonly keyring: KeyringName } | { readonly role: 'revoke' };

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
export const DEFAULT_KEYRINGS: Readonly<Record<KeyringFileKind, KeyringName>> = {
  pem: 'builtin',
  der: 'builtin',
  pkcs7: 'builtin',
  'efi-signature-list': 'platform',
  'efi-variable': 'platform',
  'efi-variable-update': 'platform',
  'vendor-cert': 'machine',
};

/** Copies of variables, by a word in the names of their files: `db.esl`, `dbx-2024.auth`, `efivar-MokListRT`. */
const VARIABLE_WORDS: readonly (readonly [word: RegExp, purpose: Purpose])[] = [
  [/^(dbx|moklistx)/i, { role: 'revoke' }],
  [/^(db|dbdefault)$/i, { role: 'trust', keyring: 'platform' }],
  [/^moklist(rt)?$/i, { role: 'trust', keyring: 'machine' }],
];

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

/** What a file is for by its name, without folders: a variable, or a copy of one. */
export function findPurpose(name: string): Purpose | undefined {
  const words = name.split(/[-._ ]/);
  return (
    VARIABLES.get(name) ??
    VARIABLE_WORDS.find(([word]) => words.some((candidate) => word.test(candidate)))?.[1]
  );
}

/**
 * Parses a file for a trust store, into the keyring that its name or else its kind determines.
 *
 * @param path - the name, for errors
 * @param role - unless the name has a purpose
 * @param keyring - in place of the one that is determined
 * @throws KexecError that names the file: what {@link parseKeyringFile} throws.
 */
export function parseTrustSource(
  path: string,
  bytes: Uint8Array,
  role: KeyringFileRole,
  keyring?: KeyringName,
): TrustSource {
  const purpose = findPurpose(path.slice(path.lastIndexOf('/') + 1));
  const file = parseNamed(path, bytes, purpose?.role ?? role);
  const usual =
    purpose?.role === 'trust' && !isCertificateFile(file) ? purpose.keyring : DEFAULT_KEYRINGS[file.kind];
  return { name: path, keyring: keyring ?? usual, file };
}

/** Whether a file has certificates alone. */
export function isCertificateFile({ kind }: KeyringFile): boolean {
  return kind === 'pem' || kind === 'der' || kind === 'pkcs7';
}

/** Parses a file. @throws KexecError that names it: what {@link parseKeyringFile} throws. */
export function parseNamed(name: string, bytes: Uint8Array, role: KeyringFileRole): KeyringFile {
  const file = attempt(() => parseKeyringFile(bytes, role));
  if (file instanceof KexecError) throw file.with(`${name}: ${file.seen}`);
  return file;
}
