import { refuse } from '../base/error.js';
import {
  type AlgorithmIdentifier,
  formatOid,
  matchAlgorithm,
  matchOid,
  NO_ALGORITHM,
  readSmallNumber,
} from './algorithm-identifier.js';
import {
  constructedTag,
  contextTag,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  SET,
} from './asn1-tags.js';
import { type BerElement, type BerMatch, type BerStep, decodeBer } from './ber.js';
import { listElements } from './der-elements.js';
import { beginsSequence } from './der-start.js';

/** Encrypted bytes. */
export interface Encrypted {
  readonly algorithm: AlgorithmIdentifier;
  readonly bytes: Uint8Array;
}

/** The outer structure of a PKCS#12 file: PFX (RFC 7292, section 4). */
export interface Pkcs12 {
  /** The bytes that the MAC is over. */
  readonly authSafe: Uint8Array;
  /** Undefined if there is none, or if the file is signed instead. */
  readonly mac: Pkcs12Mac | undefined;
  /** SafeContents, encoded, as they are or encrypted. */
  readonly safes: readonly (Uint8Array | Encrypted)[];
}

export interface Pkcs12Mac {
  readonly hash: AlgorithmIdentifier;
  readonly digest: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** A bag of a PKCS#12 file. `key`: PKCS#8, encoded; `encrypted-key`: EncryptedPrivateKeyInfo, encoded. */
export interface SafeBag {
  readonly kind: 'key' | 'encrypted-key' | 'certificate';
  /** In DER. */
  readonly bytes: Uint8Array;
  /** Its friendlyName (PKCS#9), which is not encrypted even if the key is. */
  readonly name?: string | undefined;
}

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const BMP_STRING = 0x1e;
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';

const BAG_KINDS: Readonly<Record<string, SafeBag['kind']>> = {
  '1.2.840.113549.1.12.10.1.1': 'key',
  '1.2.840.113549.1.12.10.1.2': 'encrypted-key',
  '1.2.840.113549.1.12.10.1.3': 'certificate',
};

const NO_BYTES: Uint8Array = new Uint8Array(0);
const WHAT = 'PKCS#12 file';

/** What to do with a PKCS#12 file where a certificate is wanted. */
export const PKCS12_CURE =
  'kexec-file sign takes it as --key and --cert; for other commands, take the certificates out: openssl pkcs12 -in FILE -nokeys -out cert.pem';

/** Whether a DER file is PKCS#12: a SEQUENCE with version 3 and a ContentInfo. */
export function isPkcs12(file: Uint8Array): boolean {
  return beginsSequence(file, [INTEGER, 1, 3, SEQUENCE]);
}

/** Parses the outer structure of a PKCS#12 file. @throws KexecError check `ber` */
export function parsePkcs12(file: Uint8Array): Pkcs12 {
  let authSafe = NO_BYTES;
  let mac: Pkcs12Mac | undefined;
  const macData = readMac((value) => {
    mac = value;
  });
  const type = { oid: '' };
  const content: BerMatch = {
    match: OCTET_STRING,
    note: ({ value }) => {
      authSafe = value;
    },
  };
  const contentInfo = [matchOid(type), { match: constructedTag(0), body: [content] }];
  decodeBer(
    file,
    {
      match: SEQUENCE,
      body: [{ match: INTEGER }, { match: SEQUENCE, body: contentInfo }, { ...macData, optional: true }],
    },
    WHAT,
  );
  if (type.oid !== DATA)
    refuse('sign-key', 'EINVAL', `${WHAT}: it is protected by a key, not by a passphrase`);
  return { authSafe, mac, safes: parseSafes(authSafe) };
}

/** Parses SafeContents: the bags that hold keys and certificates; others are ignored. @throws KexecError check `ber` */
export function parseSafeContents(bytes: Uint8Array): SafeBag[] {
  const bags: SafeBag[] = [];
  const type = { oid: '' };
  let value = NO_BYTES;
  let attributes = NO_BYTES;
  const bag: BerStep = {
    match: SEQUENCE,
    optional: true,
    body: [
      matchOid(type),
      {
        match: constructedTag(0),
        note: (element) => {
          value = element.value;
        },
      },
      { match: SET, optional: true, note: (element) => (attributes = element.value) },
    ],
    note: () => {
      const kind = BAG_KINDS[type.oid];
      const name = findFriendlyName(attributes);
      attributes = NO_BYTES;
      if (kind === 'certificate') bags.push(...readCertificateBag(value).map((bag) => ({ ...bag, name })));
      else if (kind !== undefined) bags.push({ kind, bytes: value, name });
    },
  };
  decodeBer(bytes, { match: SEQUENCE, repeated: true, body: [bag] }, WHAT);
  return bags;
}

/** Finds the name of a bag in its attributes: RFC 2985, section 5.5.1. @returns undefined if it has none */
function findFriendlyName(attributes: Uint8Array): string | undefined {
  for (const attribute of listElements(attributes)) {
    const [type, values] = listElements(attribute.value);
    if (type === undefined || values === undefined || formatOid(type.value) !== FRIENDLY_NAME) continue;
    const [text] = listElements(values.value);
    if (text?.tag === BMP_STRING) return new TextDecoder('utf-16be').decode(text.value);
  }
  return undefined;
}

/** Parses an EncryptedPrivateKeyInfo: RFC 5958, section 3. @throws KexecError check `ber` */
export function parseEncryptedKey(bytes: Uint8Array): Encrypted {
  let found = NO_ALGORITHM;
  let encrypted = NO_BYTES;
  const body: BerStep[] = [
    matchAlgorithm((value) => {
      found = value;
    }),
    {
      match: OCTET_STRING,
      note: ({ value }) => {
        encrypted = value;
      },
    },
  ];
  decodeBer(bytes, { match: SEQUENCE, body }, WHAT);
  return { algorithm: found, bytes: encrypted };
}

function parseSafes(authSafe: Uint8Array): (Uint8Array | Encrypted)[] {
  const safes: (Uint8Array | Encrypted)[] = [];
  const type = { oid: '' };
  let whole = NO_BYTES;
  const contentInfo: BerStep = {
    match: SEQUENCE,
    optional: true,
    body: [
      matchOid(type),
      {
        match: constructedTag(0),
        note: ({ value }) => {
          whole = value;
        },
      },
    ],
    note: () => {
      if (type.oid === DATA) safes.push(readOctets(whole));
      else if (type.oid === ENCRYPTED_DATA) safes.push(readEncryptedData(whole));
      else
        refuse('sign-key', 'EINVAL', `${WHAT}: a part of it is encrypted with a key, not with a passphrase`);
    },
  };
  decodeBer(authSafe, { match: SEQUENCE, repeated: true, body: [contentInfo] }, WHAT);
  return safes;
}

function readOctets(bytes: Uint8Array): Uint8Array {
  let octets = NO_BYTES;
  decodeBer(bytes, { match: OCTET_STRING, note: ({ value }) => (octets = value) }, WHAT);
  return octets;
}

/** EncryptedData: RFC 5652, section 8. */
function readEncryptedData(bytes: Uint8Array): Encrypted {
  let found = NO_ALGORITHM;
  let encrypted = NO_BYTES;
  const note = ({ value }: BerElement): void => {
    encrypted = value;
  };
  const content: BerStep[] = [
    { match: OBJECT_IDENTIFIER },
    matchAlgorithm((value) => (found = value)),
    { match: contextTag(0), note },
  ];
  decodeBer(bytes, { match: SEQUENCE, body: [{ match: INTEGER }, { match: SEQUENCE, body: content }] }, WHAT);
  return { algorithm: found, bytes: encrypted };
}

/** CertBag: RFC 7292, section 4.2.3. */
function readCertificateBag(bytes: Uint8Array): SafeBag[] {
  const type = { oid: '' };
  let der = NO_BYTES;
  const value: BerMatch = { match: OCTET_STRING, note: (element) => (der = element.value) };
  decodeBer(
    bytes,
    { match: SEQUENCE, body: [matchOid(type), { match: constructedTag(0), body: [value] }] },
    WHAT,
  );
  return type.oid === X509_CERTIFICATE ? [{ kind: 'certificate', bytes: der }] : [];
}

/** MacData: RFC 7292, section 4. */
function readMac(note: (mac: Pkcs12Mac) => void): BerMatch {
  let hash = NO_ALGORITHM;
  let digest = NO_BYTES;
  let salt = NO_BYTES;
  let iterations = 1;
  const digestInfo: BerStep[] = [
    matchAlgorithm((value) => (hash = value)),
    { match: OCTET_STRING, note: ({ value }) => (digest = value) },
  ];
  return {
    match: SEQUENCE,
    body: [
      { match: SEQUENCE, body: digestInfo },
      { match: OCTET_STRING, note: ({ value }) => (salt = value) },
      { match: INTEGER, optional: true, note: ({ value }) => (iterations = readSmallNumber(value)) },
    ],
    note: () => note({ hash, digest, salt, iterations }),
  };
}
