import { refuse } from '../../base/error.js';
import { constructedTag, contextTag, INTEGER, OCTET_STRING, SEQUENCE, SET } from '../../formats/asn1-tags.js';
import type { BerElement, BerStep } from '../../formats/ber.js';
import type { HashName } from '../hashes.js';
import { decodeTime } from '../x509/der-time.js';
import { buildId } from '../x509/key-id.js';
import { describeUnknown, findMlDsa, isMlDsa } from '../x509/ml-dsa-names.js';
import type { OidRegister } from '../x509/oid-register.js';
import { findOid, type Oid } from '../x509/oids.js';
import type { RawSignature } from '../x509/public-key.js';
import type { Pkcs7Message, Signer } from './message.js';
import { algorithmIdentifier, attribute } from './message-grammar.js';

/** What a SignerInfo is checked against: parts of the SignedData that come before it. */
export interface SignedDataHeader {
  version: number;
  contentType: Pkcs7Message['contentType'];
}

/** The digests of signers: kernel function `pkcs7_sig_note_digest_algo()`. */
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

/** The keys of signers: kernel function `pkcs7_sig_note_pkey_algo()`. */
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

/** Attributes that only Authenticode may have. */
const AUTHENTICODE_ATTRIBUTES: readonly (Oid | undefined)[] = [
  'smimeCapabilities',
  'msSpOpusInfo',
  'msStatementType',
];

/** Attributes that may occur once, with one value. */
const SINGLE_ATTRIBUTES: readonly (Oid | undefined)[] = [
  'contentType',
  'signingTime',
  'messageDigest',
  ...AUTHENTICODE_ATTRIBUTES,
];

const NO_BYTES = new Uint8Array(0);

/** The parts of a SignerInfo that have been read. */
interface PartialSigner {
  readonly attributesSeen: Set<Oid | undefined>;
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

/** Collects the signers of a message while {@link step} is decoded, once for each SignerInfo. */
export class SignerInfoReader {
  readonly signers: Signer[] = [];

  /** SignerInfo. */
  readonly step: BerStep;

  readonly #oids: OidRegister;
  readonly #signedData: Readonly<SignedDataHeader>;
  readonly #knowsMlDsa: boolean;
  #signer: PartialSigner = { attributesSeen: new Set() };

  /** @param knowsMlDsa - false for a kernel before 7.0 */
  constructor(oids: OidRegister, signedData: Readonly<SignedDataHeader>, knowsMlDsa: boolean) {
    this.#oids = oids;
    this.#knowsMlDsa = knowsMlDsa;
    this.#signedData = signedData;
    this.step = this.#signerInfo();
  }

  #signerInfo(): BerStep {
    const authenticated = attribute(this.#oids.step, (element) => this.#noteAttribute(element));
    return {
      match: SEQUENCE,
      note: () => this.#finishSigner(),
      body: [
        { match: INTEGER, note: ({ value }) => this.#noteVersion(value) },
        { match: SEQUENCE, optional: true, body: this.#issuerAndSerialNumber() },
        {
          match: contextTag(0),
          optional: true,
          alternative: true,
          note: ({ value }) => {
            this.#signer.skid = value;
          },
        },
        { oneOf: true },
        { match: SEQUENCE, body: algorithmIdentifier(this.#oids) },
        { act: () => this.#noteDigestAlgorithm() },
        { match: constructedTag(0), optional: true, repeated: true, body: [authenticated] },
        { act: (element) => this.#noteAttributes(element), ifPresent: true },
        {
          match: constructedTag(2),
          optional: true,
          alternative: true,
          body: [{ match: SEQUENCE, repeated: true, body: [authenticated] }],
        },
        { match: SEQUENCE, body: algorithmIdentifier(this.#oids) },
        { act: () => this.#noteKeyAlgorithm() },
        {
          match: OCTET_STRING,
          note: ({ value }) => {
            this.#signer.signature = value;
          },
        },
        // The unauthenticated attributes.
        { match: constructedTag(1), optional: true, repeated: true, body: [attribute()] },
        { match: constructedTag(3), optional: true, alternative: true, repeated: true, body: [attribute()] },
      ],
    };
  }

  #issuerAndSerialNumber(): readonly BerStep[] {
    const relativeName: BerStep = {
      match: SET,
      repeated: true,
      body: [{ match: SEQUENCE, body: [this.#oids.step, { match: 'any' }] }],
    };
    return [
      {
        match: SEQUENCE,
        repeated: true,
        note: ({ value }) => {
          this.#signer.issuer = value;
        },
        body: [relativeName],
      },
      {
        match: INTEGER,
        note: ({ value }) => {
          this.#signer.serial = value;
        },
      },
    ];
  }

  /** Kernel function `pkcs7_note_signerinfo_version()`. */
  #noteVersion(value: Uint8Array): void {
    const [version] = value;
    if (value.length !== 1 || (version !== 1 && version !== 3)) {
      refuse('pkcs7-content', 'EINVAL', 'PKCS#7 message: a version of SignerInfo other than 1 and 3');
    }
    const { version: outer } = this.#signedData;
    if ((version === 1) !== (outer === 1)) {
      const seen = `PKCS#7 message: a SignerInfo of version ${version} in a SignedData of version ${outer}`;
      refuse('pkcs7-content', 'EBADMSG', seen);
    }
    this.#signer.isBySkid = version === 3;
  }

  #noteDigestAlgorithm(): void {
    const { last } = this.#oids;
    const hash = last && DIGESTS[last];
    if (hash === undefined) {
      const seen = `PKCS#7 message: a digest by ${last ?? 'an unknown algorithm'}`;
      refuse('pkcs7-algorithm', 'ENOPKG', seen);
    }
    this.#signer.hash = hash;
  }

  #noteKeyAlgorithm(): void {
    const { last } = this.#oids;
    const algorithm = (this.#knowsMlDsa ? findMlDsa(last) : undefined) ?? (last && KEYS[last]);
    if (algorithm === undefined) {
      const seen = `PKCS#7 message: a signature by ${last === undefined ? 'an unknown algorithm' : describeUnknown(last)}`;
      refuse('pkcs7-algorithm', 'ENOPKG', seen);
    }
    this.#signer.algorithm = algorithm;
  }

  /** One value of an authenticated attribute: kernel function `pkcs7_sig_note_authenticated_attr()`. */
  #noteAttribute({ tag, value }: BerElement): void {
    const oid = this.#oids.last;
    const { contentType } = this.#signedData;
    if (!SINGLE_ATTRIBUTES.includes(oid)) return;
    if (this.#signer.attributesSeen.has(oid)) {
      refuseAttribute('EKEYREJECTED', `${oid} occurs twice, or has two values`);
    }
    this.#signer.attributesSeen.add(oid);
    if (oid === 'contentType' && findOid(value) !== contentType) {
      refuseAttribute('EBADMSG', `contentType is not ${contentType}, the type of the content`);
    }
    if (oid === 'signingTime') this.#signer.signingTime = decodeTime(tag, value);
    if (oid === 'messageDigest') {
      if (tag !== OCTET_STRING) refuseAttribute('EBADMSG', 'messageDigest is no OCTET STRING');
      this.#signer.messageDigest = value;
    }
    if (AUTHENTICODE_ATTRIBUTES.includes(oid) && contentType !== 'msIndirectData') {
      refuseAttribute('EKEYREJECTED', `${oid} outside of Authenticode`);
    }
  }

  /** All authenticated attributes: kernel function `pkcs7_sig_note_set_of_authattrs()`. */
  #noteAttributes({ whole }: BerElement): void {
    const seen = this.#signer.attributesSeen;
    if (!seen.has('contentType') || !seen.has('messageDigest')) {
      refuseAttribute('EBADMSG', 'contentType or messageDigest is missing');
    }
    this.#signer.attributes = whole.subarray(1);
  }

  /** Kernel function `pkcs7_note_signed_info()`. */
  #finishSigner(): void {
    const { attributes, issuer, serial, skid, isBySkid, messageDigest, signingTime } = this.#signer;
    const { algorithm = 'rsa', hash = 'sha256' } = this.#signer;
    if (this.#signedData.contentType === 'msIndirectData' && attributes === undefined) {
      refuseAttribute('EBADMSG', 'Authenticode without authenticated attributes');
    }
    this.signers.push({
      id: isBySkid === true ? (skid ?? NO_BYTES) : buildId(serial ?? NO_BYTES, issuer ?? NO_BYTES),
      issuer,
      signature: {
        algorithm,
        // The kernel does not digest data for ML-DSA: `pkcs7_check_authattrs()`.
        hash: isMlDsa(algorithm) && attributes === undefined ? 'sha512' : hash,
        bytes: this.#signer.signature ?? NO_BYTES,
      },
      attributes,
      messageDigest,
      signingTime,
    });
    // The kernel keeps issuer, serial number and key identifier from one signer to the next.
    this.#signer = { attributesSeen: new Set(), issuer, serial, skid };
  }
}

function refuseAttribute(errno: 'EBADMSG' | 'EKEYREJECTED', seen: string): never {
  refuse('pkcs7-attributes', errno, `PKCS#7 message: ${seen}`);
}
