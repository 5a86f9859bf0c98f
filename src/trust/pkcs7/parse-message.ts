import { refuse } from '../../base/error.js';
import {
  constructedTag,
  contextTag,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  SET,
} from '../../formats/asn1-tags.js';
import { type BerElement, type BerMatch, type BerNote, type BerStep, decodeBer } from '../../formats/ber.js';
import type { Hashes, HashName } from '../hashes.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { decodeTime } from '../x509/der-time.js';
import { buildId } from '../x509/key-id.js';
import { type Oid, oidOf } from '../x509/oids.js';
import type { RawSignature } from '../x509/public-key.js';

/** A SignerInfo: who signed, what, and how (RFC 2315, section 9.2; `struct pkcs7_signed_info`). */
export interface Signer {
  /** Serial number and issuer of the signer's certificate, or its subject key identifier. */
  readonly id: Uint8Array;
  readonly signature: RawSignature;
  /** The authenticated attributes without their tag, for which a SET's stands when they are digested. */
  readonly attributes: Uint8Array | undefined;
  readonly messageDigest: Uint8Array | undefined;
  /** Seconds since 1970. */
  readonly signingTime: bigint | undefined;
}

/** A PKCS#7 SignedData (RFC 2315, section 9.1; `struct pkcs7_message`). */
export interface Pkcs7Message {
  readonly contentType: 'data' | 'msIndirectData';
  /** The content, absent from a detached signature: what is digested is its value. */
  readonly content: BerElement | undefined;
  /** In the order in which they are embedded. */
  readonly certificates: readonly Certificate[];
  readonly signers: readonly Signer[];
}

/** What signers can digest with: `pkcs7_sig_note_digest_algo()`. */
const DIGESTS: Partial<Record<Oid, HashName>> = {
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  sm3: 'sm3',
  gost2012Digest256: 'streebog256',
  gost2012Digest512: 'streebog512',
  'sha3-256': 'sha3-256',
  'sha3-384': 'sha3-384',
  'sha3-512': 'sha3-512',
};

/** What signers can sign with: `pkcs7_sig_note_pkey_algo()`. */
const KEYS: Partial<Record<Oid, RawSignature['algorithm']>> = {
  rsaEncryption: 'rsa',
  ecdsaWithSha1: 'ecdsa',
  ecdsaWithSha224: 'ecdsa',
  ecdsaWithSha256: 'ecdsa',
  ecdsaWithSha384: 'ecdsa',
  ecdsaWithSha512: 'ecdsa',
  'ecdsaWithSha3-256': 'ecdsa',
  'ecdsaWithSha3-384': 'ecdsa',
  'ecdsaWithSha3-512': 'ecdsa',
  gost2012PKey256: 'ecrdsa',
  gost2012PKey512: 'ecrdsa',
};

/** Attributes that may stand there once, with one value: `pkcs7_sig_note_authenticated_attr()`. */
const SINGLE_ATTRIBUTES: readonly (Oid | undefined)[] = [
  'contentType',
  'signingTime',
  'messageDigest',
  'smimeCapabilities',
  'msSpOpusInfo',
  'msStatementType',
];

/** Attributes that only Authenticode may have. */
const AUTHENTICODE_ATTRIBUTES: readonly (Oid | undefined)[] = [
  'smimeCapabilities',
  'msSpOpusInfo',
  'msStatementType',
];

/**
 * Reads a PKCS#7 message as the kernel does: `pkcs7_parse_message()`.
 *
 * @throws KexecError `EBADMSG`, `EINVAL`, `ENOPKG`, `EKEYREJECTED` or `EMSGSIZE`, as the kernel; checks `ber`,
 *   `pkcs7-content`, `pkcs7-algorithm`, `pkcs7-attributes`, `certificate`, `certificate-time`, `public-key`.
 */
export function parsePkcs7(bytes: Uint8Array, hashes: Hashes): Pkcs7Message {
  const reader = new Pkcs7Reader(hashes);
  decodeBer(bytes, reader.grammar, 'PKCS#7 message');
  return reader.finish();
}

/** Collects a message's parts as the grammar comes by them. */
class Pkcs7Reader {
  readonly #hashes: Hashes;
  #lastOid: Oid | undefined;
  #version = 0;
  #contentType: Pkcs7Message['contentType'] = 'data';
  #content: BerElement | undefined;
  readonly #certificates: Certificate[] = [];
  /** Read, but not yet in the message: those of a list of revoked certificates never are. */
  #pending: Certificate[] = [];
  readonly #signers: Signer[] = [];
  /** What is known of the signer that is being read. */
  #signer: SignerInTheMaking = { attributesSeen: new Set() };

  constructor(hashes: Hashes) {
    this.#hashes = hashes;
  }

  readonly #noteOid: BerNote = ({ value }) => {
    this.#lastOid = oidOf(value);
  };

  readonly #algorithmIdentifier: readonly BerStep[] = [
    { match: OBJECT_IDENTIFIER, note: this.#noteOid },
    { match: 'any', optional: true },
  ];

  readonly #certificate: BerMatch = { match: 'any', note: (element) => this.#noteCertificate(element) };

  readonly #signerInfo: BerStep = {
    match: SEQUENCE,
    note: () => this.#finishSigner(),
    body: [
      { match: INTEGER, note: ({ value }) => this.#noteSignerVersion(value) },
      {
        match: SEQUENCE,
        optional: true,
        body: [
          {
            match: SEQUENCE,
            repeated: true,
            note: ({ value }) => {
              this.#signer.issuer = value;
            },
            body: [
              {
                match: SET,
                repeated: true,
                body: [
                  {
                    match: SEQUENCE,
                    body: [{ match: OBJECT_IDENTIFIER, note: this.#noteOid }, { match: 'any' }],
                  },
                ],
              },
            ],
          },
          {
            match: INTEGER,
            note: ({ value }) => {
              this.#signer.serial = value;
            },
          },
        ],
      },
      {
        match: contextTag(0),
        optional: true,
        alternative: true,
        note: ({ value }) => {
          this.#signer.skid = value;
        },
      },
      { oneOf: true },
      { match: SEQUENCE, body: this.#algorithmIdentifier },
      { act: () => this.#noteDigestAlgorithm() },
      { match: constructedTag(0), optional: true, repeated: true, body: [this.#attribute()] },
      { act: (element) => this.#noteAttributes(element), ifPresent: true },
      {
        match: constructedTag(2),
        optional: true,
        alternative: true,
        body: [{ match: SEQUENCE, repeated: true, body: [this.#attribute()] }],
      },
      { match: SEQUENCE, body: this.#algorithmIdentifier },
      { act: () => this.#noteKeyAlgorithm() },
      {
        match: OCTET_STRING,
        note: ({ value }) => {
          this.#signer.signature = value;
        },
      },
      ...unauthenticatedAttributes(),
    ],
  };

  readonly grammar: BerStep = {
    match: SEQUENCE,
    body: [
      { match: OBJECT_IDENTIFIER, note: this.#noteOid },
      { act: () => this.#checkMessageType() },
      {
        match: constructedTag(0),
        optional: true,
        body: [
          {
            match: SEQUENCE,
            body: [
              { match: INTEGER, note: ({ value }) => this.#noteVersion(value) },
              ...setOrSequence({ match: SEQUENCE, body: this.#algorithmIdentifier }),
              {
                match: SEQUENCE,
                body: [
                  { match: OBJECT_IDENTIFIER, note: this.#noteOid },
                  {
                    match: constructedTag(0),
                    optional: true,
                    body: [
                      {
                        match: 'any',
                        note: (element) => {
                          this.#content = element;
                        },
                      },
                    ],
                  },
                ],
              },
              { act: () => this.#noteContentType() },
              {
                match: constructedTag(0),
                optional: true,
                repeated: true,
                body: [
                  { ...this.#certificate, optional: true },
                  { ...this.#certificate, optional: true, alternative: true },
                  { oneOf: true },
                ],
              },
              {
                match: constructedTag(2),
                optional: true,
                alternative: true,
                repeated: true,
                body: [this.#certificate],
              },
              { act: () => this.#keepCertificates() },
              ...this.#revokedCertificates(),
              ...setOrSequence(this.#signerInfo),
            ],
          },
        ],
      },
    ],
  };

  finish(): Pkcs7Message {
    const [first, ...others] = this.#signers;
    const isConsistent =
      first !== undefined && others.every((signer) => hasAttributes(signer) === hasAttributes(first));
    if (!isConsistent) {
      refuse(
        'pkcs7-attributes',
        'EINVAL',
        `PKCS#7 message: ${
          first === undefined
            ? 'nobody signed it'
            : 'some signers have authenticated attributes, others have none'
        }`,
      );
    }
    return {
      contentType: this.#contentType,
      content: this.#content,
      certificates: this.#certificates,
      signers: this.#signers,
    };
  }

  #checkMessageType(): void {
    if (this.#lastOid !== 'signedData') {
      refuse(
        'pkcs7-content',
        'EINVAL',
        `PKCS#7 message: it is no SignedData (${this.#lastOid ?? 'unknown'})`,
      );
    }
  }

  #noteVersion(value: Uint8Array): void {
    const [version] = value;
    if (value.length !== 1 || (version !== 1 && version !== 3)) {
      refuse('pkcs7-content', 'EINVAL', `PKCS#7 message: a version of SignedData other than 1 and 3`);
    }
    this.#version = version;
  }

  #noteContentType(): void {
    const type = this.#lastOid;
    if (type !== 'data' && type !== 'msIndirectData') {
      refuse('pkcs7-content', 'EINVAL', `PKCS#7 message: content of type ${type ?? 'unknown'}`);
    }
    this.#contentType = type;
  }

  #noteCertificate({ tag, whole }: BerElement): void {
    if (tag !== SEQUENCE)
      refuse('certificate', 'EBADMSG', `PKCS#7 message: an embedded certificate that begins with tag ${tag}`);
    this.#pending.push(parseCertificate(whole, this.#hashes));
  }

  #keepCertificates(): void {
    this.#certificates.push(...this.#pending);
    this.#pending = [];
  }

  /** Lists of revoked certificates are read as if they were certificates, and then not used. */
  #revokedCertificates(): BerStep[] {
    const list: BerStep = { match: SEQUENCE, repeated: true, body: [this.#certificate] };
    return [
      { match: constructedTag(1), optional: true, repeated: true, body: [list] },
      { match: constructedTag(3), optional: true, alternative: true, repeated: true, body: [list] },
    ];
  }

  #noteSignerVersion(value: Uint8Array): void {
    const [version] = value;
    if (value.length !== 1 || (version !== 1 && version !== 3)) {
      refuse('pkcs7-content', 'EINVAL', `PKCS#7 message: a version of SignerInfo other than 1 and 3`);
    }
    if ((version === 1) !== (this.#version === 1)) {
      refuse(
        'pkcs7-content',
        'EBADMSG',
        `PKCS#7 message: a SignerInfo of version ${version} in a SignedData of ${this.#version}`,
      );
    }
    this.#signer.isBySkid = version === 3;
  }

  #noteDigestAlgorithm(): void {
    const hash = this.#lastOid && DIGESTS[this.#lastOid];
    if (hash === undefined)
      refuse(
        'pkcs7-algorithm',
        'ENOPKG',
        `PKCS#7 message: a digest by ${this.#lastOid ?? 'an unknown algorithm'}`,
      );
    this.#signer.hash = hash;
  }

  #noteKeyAlgorithm(): void {
    const algorithm = this.#lastOid && KEYS[this.#lastOid];
    if (algorithm === undefined) {
      refuse(
        'pkcs7-algorithm',
        'ENOPKG',
        `PKCS#7 message: a signature by ${this.#lastOid ?? 'an unknown algorithm'}`,
      );
    }
    this.#signer.algorithm = algorithm;
  }

  #attribute(): BerStep {
    return {
      match: SEQUENCE,
      body: [
        { match: OBJECT_IDENTIFIER, note: this.#noteOid },
        {
          match: SET,
          repeated: true,
          body: [{ match: 'any', note: (element) => this.#noteAttribute(element) }],
        },
      ],
    };
  }

  /** One value of an attribute. */
  #noteAttribute({ tag, value }: BerElement): void {
    const oid = this.#lastOid;
    if (!SINGLE_ATTRIBUTES.includes(oid)) return;
    if (this.#signer.attributesSeen.has(oid)) {
      refuse(
        'pkcs7-attributes',
        'EKEYREJECTED',
        `PKCS#7 message: ${oid} stands there twice, or has two values`,
      );
    }
    this.#signer.attributesSeen.add(oid);
    if (oid === 'contentType' && oidOf(value) !== this.#contentType) {
      refuse(
        'pkcs7-attributes',
        'EBADMSG',
        `PKCS#7 message: contentType is not ${this.#contentType}, the type of the content`,
      );
    }
    if (oid === 'signingTime') this.#signer.signingTime = decodeTime(tag, value);
    if (oid === 'messageDigest') {
      if (tag !== OCTET_STRING)
        refuse('pkcs7-attributes', 'EBADMSG', `PKCS#7 message: messageDigest is no OCTET STRING`);
      this.#signer.messageDigest = value;
    }
    if (AUTHENTICODE_ATTRIBUTES.includes(oid) && this.#contentType !== 'msIndirectData') {
      refuse('pkcs7-attributes', 'EKEYREJECTED', `PKCS#7 message: ${oid} outside of Authenticode`);
    }
  }

  #noteAttributes({ whole }: BerElement): void {
    const seen = this.#signer.attributesSeen;
    if (!seen.has('contentType') || !seen.has('messageDigest')) {
      refuse('pkcs7-attributes', 'EBADMSG', `PKCS#7 message: contentType or messageDigest is missing`);
    }
    this.#signer.attributes = whole.subarray(1);
  }

  #finishSigner(): void {
    const { attributes, issuer, serial, skid, isBySkid, messageDigest, signingTime } = this.#signer;
    if (this.#contentType === 'msIndirectData' && attributes === undefined) {
      refuse('pkcs7-attributes', 'EBADMSG', `PKCS#7 message: Authenticode without authenticated attributes`);
    }
    const nothing = new Uint8Array(0);
    this.#signers.push({
      id: isBySkid === true ? (skid ?? nothing) : buildId(serial ?? nothing, issuer ?? nothing),
      signature: {
        algorithm: this.#signer.algorithm ?? 'rsa',
        hash: this.#signer.hash ?? 'sha256',
        bytes: this.#signer.signature ?? nothing,
      },
      attributes,
      messageDigest,
      signingTime,
    });
    // The kernel keeps issuer, serial number and key identifier from one signer to the next.
    this.#signer = { attributesSeen: new Set(), issuer, serial, skid };
  }
}

interface SignerInTheMaking {
  attributesSeen: Set<Oid | undefined>;
  issuer?: Uint8Array | undefined;
  serial?: Uint8Array | undefined;
  skid?: Uint8Array | undefined;
  isBySkid?: boolean;
  hash?: HashName;
  algorithm?: RawSignature['algorithm'];
  signature?: Uint8Array;
  attributes?: Uint8Array;
  messageDigest?: Uint8Array;
  signingTime?: bigint;
}

function hasAttributes({ attributes }: Signer): boolean {
  return attributes !== undefined;
}

/** Where the kernel takes a SET OF or a SEQUENCE OF. */
function setOrSequence(item: BerStep): BerStep[] {
  return [
    { match: SET, optional: true, repeated: true, body: [item] },
    { match: SEQUENCE, optional: true, alternative: true, repeated: true, body: [item] },
    { oneOf: true },
  ];
}

function unauthenticatedAttributes(): BerStep[] {
  const attribute: BerStep = {
    match: SEQUENCE,
    body: [{ match: OBJECT_IDENTIFIER }, { match: SET, repeated: true, body: [{ match: 'any' }] }],
  };
  return [
    { match: constructedTag(1), optional: true, repeated: true, body: [attribute] },
    { match: constructedTag(3), optional: true, alternative: true, repeated: true, body: [attribute] },
  ];
}
