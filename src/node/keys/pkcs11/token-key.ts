/** Finds a private key on a PKCS#11 token, by its URI. */
import { equalBytes } from '../../../base/bytes.js';
import { attemptAsync, KexecError, refuse } from '../../../base/error.js';
import type { Pkcs11Uri } from '../../../formats/pkcs11-uri.js';
import { readPassphrase } from '../keys.js';
import { CKA, CKR, CKU, Cryptoki, type Token } from './cryptoki.js';
import { MODULE_CURE, readUlong } from './function-list.js';

/** A key in an open session, which the process's end closes. */
export interface TokenKey {
  readonly module: Cryptoki;
  readonly token: Token;
  readonly session: bigint;
  readonly key: bigint;
  readonly type: 'rsa' | 'ec';
  /** Of the user; undefined if the token needs none, or has a keypad. */
  readonly pin: string | undefined;
}

const PRIVATE_KEY = 3;

/** Types of keys (CK_KEY_TYPE) whose signatures the kernel verifies. */
const KEY_TYPES: ReadonlyMap<bigint, TokenKey['type']> = new Map([
  [0n, 'rsa'],
  [3n, 'ec'],
]);

/** Other types, to name them. */
const OTHER_TYPES: ReadonlyMap<bigint, string> = new Map([
  [1n, 'DSA'],
  [0x40n, 'EdDSA'],
  [0x41n, 'X25519 or X448'],
]);

/** p11-kit's module has the tokens of all modules that the machine has been set up with. */
const P11_KIT = ['p11-kit-proxy.so', 'libp11-kit.so.0'];

/** Where modules are looked for by name. */
const MODULE_FOLDERS = [
  ...['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((machine) => `/usr/lib/${machine}/pkcs11/`),
  ...['/usr/lib64/pkcs11/', '/usr/lib/pkcs11/', '/usr/lib/softhsm/', '/usr/lib64/', '/usr/local/lib/', ''],
];

/**
 * Opens a key: logs in once, if the token needs it.
 *
 * @param askPin - called if the token needs a PIN and the URI has none, with the name of the token
 * @throws KexecError check `sign-token`.
 */
export async function openTokenKey(
  uri: Pkcs11Uri,
  askPin: (name: string, secret: 'PIN') => Promise<string>,
): Promise<TokenKey> {
  const module = await openModule(uri);
  const token = findToken(module.listTokens(), uri);
  const pin = token.needsLogin && !token.hasKeypad ? await readPin(uri, token, askPin) : undefined;
  return openKey(module, token, pin, uri);
}

/** @throws KexecError `ENOENT`, if none of the modules that the URI or the machine names can be loaded. */
async function openModule({ modulePath, moduleName }: Pkcs11Uri): Promise<Cryptoki> {
  const ownPath = modulePath ?? (moduleName === undefined ? process.env.PKCS11_MODULE_PATH : undefined);
  if (ownPath !== undefined) return Cryptoki.open(ownPath);
  const paths =
    moduleName === undefined
      ? P11_KIT
      : MODULE_FOLDERS.flatMap((folder) => [`${folder}${moduleName}.so`, `${folder}lib${moduleName}.so`]);
  for (const path of paths) {
    const module = await attemptAsync(() => Cryptoki.open(path));
    if (!(module instanceof KexecError)) return module;
    if (module.errno !== 'ENOENT') throw module;
  }
  const seen =
    moduleName === undefined
      ? 'the URI and PKCS11_MODULE_PATH name no PKCS#11 module, and p11-kit is not installed'
      : `no PKCS#11 module is named ${quote(moduleName)}`;
  refuse('sign-token', 'ENOENT', seen, { cure: MODULE_CURE });
}

function findToken(tokens: readonly Token[], { token: wanted, slotId, shown }: Pkcs11Uri): Token {
  const names = ['token', 'manufacturer', 'model', 'serial'] as const;
  const found = tokens.filter(
    (token) =>
      (slotId === undefined || token.slot === BigInt(slotId)) &&
      names.every((name) => wanted[name] === undefined || wanted[name] === token[name]),
  );
  const [token, ...others] = found;
  if (token === undefined) {
    const present = tokens.length === 0 ? 'no token is present' : `the tokens are ${enumerate(tokens)}`;
    refuse('sign-token', 'ENOENT', `${shown} names no token: ${present}`);
  }
  if (others.length > 0) {
    const seen = `${shown} names ${found.length} tokens: ${enumerate(found)}`;
    refuse('sign-token', 'EINVAL', seen, { cure: 'add token=, serial= or slot-id= to the URI' });
  }
  return token;
}

function enumerate(tokens: readonly Token[]): string {
  return tokens.map(({ token, serial }) => `${quote(token)} (serial ${serial})`).join(', ');
}

/** The PIN's source: the URI, or the one for passphrases. */
async function readPin(
  { pinValue, pinSource }: Pkcs11Uri,
  { token }: Token,
  askPin: (name: string, secret: 'PIN') => Promise<string>,
): Promise<string> {
  if (pinValue !== undefined) return pinValue;
  return pinSource === undefined ? askPin(`token ${quote(token)}`, 'PIN') : readPassphrase(pinSource);
}

function openKey(module: Cryptoki, token: Token, pin: string | undefined, uri: Pkcs11Uri): TokenKey {
  const session = module.openSession(token.slot);
  if (token.needsLogin) requireLogin(module.login(session, CKU.user, pin), token);
  const keys = module.findObjects(session, PRIVATE_KEY).map((key) => {
    const read = (type: number): Uint8Array => module.readAttribute(session, key, type) ?? new Uint8Array(0);
    return { key, label: new TextDecoder().decode(read(CKA.label)), id: read(CKA.id) };
  });
  const found = keys.filter(
    ({ label, id }) =>
      (uri.object === undefined || uri.object === label) && (uri.id === undefined || equalBytes(uri.id, id)),
  );
  const [only, ...others] = found;
  const list = (named: typeof keys): string =>
    named.map(({ label, id }) => `object=${quote(label)} id=${formatId(id)}`).join(', ');
  const name = quote(token.token);
  if (only === undefined) {
    const present = keys.length === 0 ? 'it has no private key' : `its private keys are ${list(keys)}`;
    refuse('sign-token', 'ENOENT', `${uri.shown} names no private key on the token ${name}: ${present}`);
  }
  if (others.length > 0) {
    const seen = `${uri.shown} names ${found.length} private keys on the token ${name}: ${list(found)}`;
    refuse('sign-token', 'EINVAL', seen, { cure: 'add object= or id= to the URI' });
  }
  const type = requireType(module.readAttribute(session, only.key, CKA.keyType), uri);
  return { module, token, session, key: only.key, type, pin };
}

/** @throws KexecError `EACCES`, for a wrong or locked PIN. */
export function requireLogin(result: number, { token }: Token): void {
  if (result === 0 || result === CKR.userAlreadyLoggedIn) return;
  const name = quote(token);
  const wrong: readonly number[] = [CKR.pinIncorrect, CKR.pinInvalid, CKR.pinLengthRange];
  if (wrong.includes(result)) {
    refuse('sign-token', 'EACCES', `the token ${name} refuses this PIN`, {
      cure: 'give its user PIN: on the terminal, by --passphrase-file, or in the file of pin-source; a few wrong ones lock it',
    });
  }
  if (result === CKR.pinLocked) {
    refuse('sign-token', 'EACCES', `the PIN of the token ${name} is locked`, {
      cure: 'unlock it with the PUK or the security officer PIN, by the tool of its vendor',
    });
  }
  refuse('sign-token', 'EIO', `the PKCS#11 module's C_Login failed with CKR 0x${result.toString(16)}`);
}

function requireType(value: Uint8Array | undefined, { shown }: Pkcs11Uri): TokenKey['type'] {
  const number = value && readUlong(value);
  const type = number === undefined ? undefined : KEY_TYPES.get(number);
  if (type !== undefined) return type;
  const name = number === undefined ? 'unknown' : (OTHER_TYPES.get(number) ?? `0x${number.toString(16)}`);
  refuse('sign-token', 'EINVAL', `${shown} names a private key of type ${name}`, {
    cure: 'use an RSA or ECDSA key: the kernel verifies no other signatures',
  });
}

/** An identifier as a URI has it. */
function formatId(id: Uint8Array): string {
  return [...id].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** A name that comes from the token. */
export function quote(name: string): string {
  return JSON.stringify(name);
}
