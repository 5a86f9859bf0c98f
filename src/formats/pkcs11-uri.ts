import { concatenate } from '../base/bytes.js';
import { refuse } from '../base/error.js';

/** A private key on a token, as a PKCS#11 URI names it: RFC 7512, section 2.3. What is left out fits anything. */
export interface Pkcs11Uri {
  /** The URI without its query, which can contain the PIN. */
  readonly shown: string;
  readonly token: TokenNames;
  readonly slotId?: number | undefined;
  /** CKA_LABEL of the key. */
  readonly object?: string | undefined;
  /** CKA_ID of the key. */
  readonly id?: Uint8Array | undefined;
  /** The path of the module, a shared library. */
  readonly modulePath?: string | undefined;
  /** The name of the module, without folder, `lib` and `.so`. */
  readonly moduleName?: string | undefined;
  readonly pinValue?: string | undefined;
  /** The path of a file that contains the PIN. */
  readonly pinSource?: string | undefined;
}

/** What a token says of itself in CK_TOKEN_INFO. */
export interface TokenNames {
  readonly token?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly model?: string | undefined;
  readonly serial?: string | undefined;
}

const SCHEME = 'pkcs11:';
const PATH_NAMES = ['token', 'manufacturer', 'model', 'serial', 'slot-id', 'object', 'id', 'type'];
const QUERY_NAMES = ['module-path', 'module-name', 'pin-value', 'pin-source'];

/** An encoded byte: RFC 7512, section 2.3. A character that must be encoded there is accepted without, too. */
const ENCODED = /%([0-9a-f]{2})/gi;

/** Whether a text is a PKCS#11 URI, well-formed or not. */
export function isPkcs11Uri(text: string): boolean {
  return text.toLowerCase().startsWith(SCHEME);
}

/** Parses the URI of a private key. @throws KexecError `EINVAL`, check `sign-token`. */
export function parsePkcs11Uri(text: string): Pkcs11Uri {
  const [path = '', query = ''] = text.slice(SCHEME.length).split(/\?(.*)/s);
  const names = parseAttributes(path, ';', PATH_NAMES);
  const access = parseAttributes(query, '&', QUERY_NAMES);
  const type = readText(names, 'type');
  if (type !== undefined && type !== 'private') {
    refuseUri(`type=${type}, which is no private key`, 'leave type out, or use type=private');
  }
  const pinSource = readText(access, 'pin-source');
  if (pinSource?.startsWith('|') === true) {
    refuseUri('a command as pin-source, which is not supported', 'use the path of a file');
  }
  return {
    shown: `${SCHEME}${path}`,
    token: {
      token: readText(names, 'token'),
      manufacturer: readText(names, 'manufacturer'),
      model: readText(names, 'model'),
      serial: readText(names, 'serial'),
    },
    slotId: readSlot(readText(names, 'slot-id')),
    object: readText(names, 'object'),
    id: names.get('id'),
    modulePath: readText(access, 'module-path'),
    moduleName: readText(access, 'module-name'),
    pinValue: readText(access, 'pin-value'),
    pinSource: pinSource?.replace(/^file:(\/\/(localhost)?(?=\/))?/, ''),
  };
}

function parseAttributes(
  text: string,
  separator: string,
  known: readonly string[],
): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const attribute of text.split(separator).filter((part) => part !== '')) {
    const [name = '', value] = attribute.split(/=(.*)/s);
    if (value === undefined || !known.includes(name)) {
      const shown = value === undefined ? 'an attribute without a value' : `the attribute "${name}"`;
      refuseUri(`${shown}, which is none of ${known.join(', ')}`);
    }
    if (found.has(name)) refuseUri(`the attribute "${name}" more than once`);
    found.set(name, decodePercent(value));
  }
  return found;
}

function decodePercent(value: string): Uint8Array {
  if (/%(?![0-9a-f]{2})/i.test(value)) refuseUri('a % without two hexadecimal digits');
  const encoder = new TextEncoder();
  // Even pieces are text, odd ones the digits of a byte.
  const pieces = value.split(ENCODED);
  return concatenate(
    pieces.map((piece, at) =>
      at % 2 === 0 ? encoder.encode(piece) : Uint8Array.of(Number.parseInt(piece, 16)),
    ),
  );
}

function readText(attributes: ReadonlyMap<string, Uint8Array>, name: string): string | undefined {
  const value = attributes.get(name);
  return value && new TextDecoder().decode(value);
}

function readSlot(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) refuseUri('a slot-id that is no decimal number');
  return Number(text);
}

/** The message does not contain the URI, which can contain a PIN. */
function refuseUri(what: string, cure?: string): never {
  refuse('sign-token', 'EINVAL', `the PKCS#11 URI has ${what}`, { cure });
}
