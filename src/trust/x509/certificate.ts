import { decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import {
  BIT_STRING,
  BOOLEAN,
  constructedTag,
  contextTag,
  GENERALIZED_TIME,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  SET,
  UTC_TIME,
} from '../../formats/asn1-tags.js';
import { type BerElement, type BerNote, type BerStep, decodeBer } from '../../formats/ber.js';
import { digestOf, type Hashes, type HashName } from '../hashes.js';
import { decodeTime } from './der-time.js';
import { buildId, isSameId } from './key-id.js';
import { type Oid, oidOf } from './oids.js';
import { type KeyAlgorithm, type PublicKey, type RawSignature, verifyRawSignature } from './public-key.js';

/** An X.509 certificate, as far as the kernel reads one (`struct x509_certificate`). */
export interface Certificate {
  readonly der: Uint8Array;
  /** The contents of the serial number and of the names: what the kernel compares, byte by byte. */
  readonly serial: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** The names as the kernel's log has them: organisation and common name. */
  readonly issuerText: string;
  readonly subjectText: string;
  /** Serial number and issuer: what a SignerInfo and an authority key identifier point at. */
  readonly id: Uint8Array;
  readonly skid: Uint8Array | undefined;
  /** The issuer's {@link id}, if the authority key identifier has it. */
  readonly authorityId: Uint8Array | undefined;
  /** The issuer's {@link skid}, if the authority key identifier has it. */
  readonly authoritySkid: Uint8Array | undefined;
  /** Seconds since 1970. */
  readonly validFrom: bigint;
  readonly validTo: bigint;
  readonly publicKey: PublicKey;
  readonly signature: RawSignature;
  /** Digest of the part that is signed, by the signature's hash; absent if that hash is not to be had. */
  readonly tbsDigest: Uint8Array | undefined;
  /** Signed by its own key, which was verified. */
  readonly selfSigned: boolean;
}

/** How a certificate can be signed: `x509_note_sig_algo()`. */
const SIGNATURE_ALGORITHMS: Partial<Record<Oid, readonly [RawSignature['algorithm'], HashName]>> = {
  sha1WithRsa: ['rsa', 'sha1'],
  sha224WithRsa: ['rsa', 'sha224'],
  sha256WithRsa: ['rsa', 'sha256'],
  sha384WithRsa: ['rsa', 'sha384'],
  sha512WithRsa: ['rsa', 'sha512'],
  'sha3-256WithRsa': ['rsa', 'sha3-256'],
  'sha3-384WithRsa': ['rsa', 'sha3-384'],
  'sha3-512WithRsa': ['rsa', 'sha3-512'],
  ecdsaWithSha1: ['ecdsa', 'sha1'],
  ecdsaWithSha224: ['ecdsa', 'sha224'],
  ecdsaWithSha256: ['ecdsa', 'sha256'],
  ecdsaWithSha384: ['ecdsa', 'sha384'],
  ecdsaWithSha512: ['ecdsa', 'sha512'],
  'ecdsaWithSha3-256': ['ecdsa', 'sha3-256'],
  'ecdsaWithSha3-384': ['ecdsa', 'sha3-384'],
  'ecdsaWithSha3-512': ['ecdsa', 'sha3-512'],
  gost2012Signature256: ['ecrdsa', 'streebog256'],
  gost2012Signature512: ['ecrdsa', 'streebog512'],
};

/** The curves that an id-ecPublicKey can be on: `x509_extract_key_data()`. */
const CURVES: Partial<Record<Oid, KeyAlgorithm>> = {
  prime192v1: 'ecdsa-nist-p192',
  prime256v1: 'ecdsa-nist-p256',
  ansip384r1: 'ecdsa-nist-p384',
  ansip521r1: 'ecdsa-nist-p521',
};

/**
 * Reads a certificate as the kernel does (`x509_cert_parse()`), and verifies its signature if it is its own issuer.
 *
 * @throws KexecError check `certificate` or `ber`: `EBADMSG` if it is malformed, `EINVAL` if it contradicts itself,
 *   `ENOPKG` for algorithms that the kernel does not know; check `public-key`, or `EKEYREJECTED`, for a self-signature
 *   that does not hold.
 */
export function parseCertificate(der: Uint8Array, hashes: Hashes): Certificate {
  const parts = new CertificateReader();
  decodeBer(der, parts.grammar, 'certificate');
  if (parts.authorityKeyIdentifier !== undefined) {
    decodeBer(parts.authorityKeyIdentifier, parts.authorityGrammar, 'authority key identifier');
  }
  const certificate = parts.finish(der, hashes);
  return { ...certificate, selfSigned: isSelfSigned(certificate) };
}

/** Kernel function `x509_check_for_self_signed()`. */
function isSelfSigned(certificate: Omit<Certificate, 'selfSigned'>): boolean {
  const { subject, issuer, authorityId, authoritySkid, skid, id, publicKey, signature, tbsDigest } =
    certificate;
  if (!isSameId(subject, issuer)) return false;
  if (authorityId !== undefined || authoritySkid !== undefined) {
    const sameSkid = isSameId(skid, authoritySkid);
    const sameSerial = isSameId(id, authorityId);
    if (!sameSkid && !sameSerial) return false;
    if (sameSkid !== sameSerial && authorityId !== undefined && authoritySkid !== undefined) {
      refuse(
        'certificate',
        'EKEYREJECTED',
        `certificate: the two halves of its authority key identifier point at different certificates`,
      );
    }
  }
  // A digest that is not to be had: the kernel takes the certificate, and does not call it self-signed.
  if (tbsDigest === undefined) return false;
  verifyRawSignature(publicKey, signature, tbsDigest);
  return true;
}

/** Collects a certificate's parts as the grammar comes by them (RFC 5280, section 4.1). */
class CertificateReader {
  authorityKeyIdentifier: Uint8Array | undefined;
  #lastOid: Oid | undefined;
  #serial = new Uint8Array(0) as Uint8Array;
  #signatureOid: Oid | undefined;
  #algorithm: RawSignature['algorithm'] = 'rsa';
  #hash: HashName = 'sha256';
  #signature = new Uint8Array(0) as Uint8Array;
  #tbs = new Uint8Array(0) as Uint8Array;
  #issuer: Uint8Array | undefined;
  #subject: Uint8Array | undefined;
  #issuerText = '';
  #subjectText = '';
  #names: { commonName?: string; organizationName?: string; emailAddress?: string } = {};
  #validFrom = 0n;
  #validTo = 0n;
  #parameters: Uint8Array | undefined;
  #key: PublicKey | undefined;
  #skid: Uint8Array | undefined;
  #authorityIssuer: Uint8Array | undefined;
  #authorityId: Uint8Array | undefined;
  #authoritySkid: Uint8Array | undefined;

  readonly #noteOid: BerNote = ({ value }) => {
    this.#lastOid = oidOf(value);
  };

  readonly #algorithmIdentifier: readonly BerStep[] = [
    { match: OBJECT_IDENTIFIER, note: this.#noteOid },
    { match: 'any', optional: true, note: (element) => this.#noteParameters(element) },
  ];

  readonly #relativeNames: readonly BerStep[] = [
    {
      match: SET,
      repeated: true,
      body: [
        {
          match: SEQUENCE,
          body: [
            { match: OBJECT_IDENTIFIER, note: this.#noteOid },
            { match: 'any', note: (element) => this.#noteName(element) },
          ],
        },
      ],
    },
  ];

  readonly #extension: BerStep = {
    match: SEQUENCE,
    body: [
      { match: OBJECT_IDENTIFIER, note: this.#noteOid },
      { match: BOOLEAN, optional: true },
      { match: OCTET_STRING, note: (element) => this.#noteExtension(element.value) },
    ],
  };

  readonly grammar: BerStep = {
    match: SEQUENCE,
    body: [
      {
        match: SEQUENCE,
        note: ({ whole }) => {
          this.#tbs = whole;
        },
        body: [
          { match: constructedTag(0), optional: true, body: [{ match: INTEGER }] },
          {
            match: INTEGER,
            note: ({ value }) => {
              this.#serial = value;
            },
          },
          { match: SEQUENCE, body: this.#algorithmIdentifier, note: () => this.#noteSignatureAlgorithm() },
          {
            match: SEQUENCE,
            repeated: true,
            body: this.#relativeNames,
            note: ({ value }) => {
              this.#issuer = value;
              this.#issuerText = this.#takeName();
            },
          },
          {
            match: SEQUENCE,
            body: [
              ...time(({ tag, value }) => {
                this.#validFrom = decodeTime(tag, value);
              }),
              ...time(({ tag, value }) => {
                this.#validTo = decodeTime(tag, value);
              }),
            ],
          },
          {
            match: SEQUENCE,
            repeated: true,
            body: this.#relativeNames,
            note: ({ value }) => {
              this.#subject = value;
              this.#subjectText = this.#takeName();
            },
          },
          {
            match: SEQUENCE,
            body: [
              { match: SEQUENCE, body: this.#algorithmIdentifier },
              { match: BIT_STRING, note: ({ value }) => this.#noteKey(value) },
            ],
          },
          { match: contextTag(1), optional: true },
          { match: contextTag(2), optional: true },
          {
            match: constructedTag(3),
            optional: true,
            body: [{ match: SEQUENCE, repeated: true, body: [this.#extension] }],
          },
        ],
      },
      { match: SEQUENCE, body: this.#algorithmIdentifier },
      { match: BIT_STRING, note: ({ value }) => this.#noteSignature(value) },
    ],
  };

  /** AuthorityKeyIdentifier: RFC 5280, section 4.2.1.1. */
  readonly authorityGrammar: BerStep = {
    match: SEQUENCE,
    body: [
      {
        match: contextTag(0),
        optional: true,
        note: ({ value }) => {
          this.#authoritySkid ??= value;
        },
      },
      { match: constructedTag(1), optional: true, repeated: true, body: this.#generalName() },
      {
        match: contextTag(2),
        optional: true,
        note: ({ value }) => {
          if (this.#authorityIssuer !== undefined)
            this.#authorityId ??= buildId(value, this.#authorityIssuer);
        },
      },
    ],
  };

  finish(der: Uint8Array, hashes: Hashes): Omit<Certificate, 'selfSigned'> {
    const issuer = this.#issuer;
    const subject = this.#subject;
    const publicKey = this.#key;
    if (issuer === undefined || subject === undefined || publicKey === undefined)
      refuse('certificate', 'EBADMSG', `certificate: parts are missing`);
    return {
      der,
      serial: this.#serial,
      issuer,
      subject,
      issuerText: this.#issuerText,
      subjectText: this.#subjectText,
      id: buildId(this.#serial, issuer),
      skid: this.#skid,
      authorityId: this.#authorityId,
      authoritySkid: this.#authoritySkid,
      validFrom: this.#validFrom,
      validTo: this.#validTo,
      publicKey,
      signature: { algorithm: this.#algorithm, hash: this.#hash, bytes: this.#signature },
      tbsDigest: digestOf(hashes, this.#hash, this.#tbs),
    };
  }

  /** Three times there are parameters; those of the public key come after the subject and before the key. */
  #noteParameters({ whole }: BerElement): void {
    if (this.#subject !== undefined && this.#key === undefined) this.#parameters = whole;
  }

  #noteSignatureAlgorithm(): void {
    const algorithm = this.#lastOid && SIGNATURE_ALGORITHMS[this.#lastOid];
    if (algorithm === undefined) {
      refuse(
        'certificate',
        'ENOPKG',
        `certificate: signed by an algorithm that is not known (${this.#lastOid ?? 'unknown'})`,
      );
    }
    [this.#algorithm, this.#hash] = algorithm;
    this.#signatureOid = this.#lastOid;
  }

  #noteName({ value }: BerElement): void {
    const oid = this.#lastOid;
    if (oid === 'commonName' || oid === 'organizationName' || oid === 'emailAddress') {
      this.#names[oid] = decodeLatin1(value);
    }
  }

  /** What the kernel's log calls a name: `x509_fabricate_name()`. */
  #takeName(): string {
    const { commonName, organizationName, emailAddress } = this.#names;
    this.#names = {};
    if (!commonName || !organizationName) return commonName || organizationName || emailAddress || '';
    const isPrefixed =
      commonName.startsWith(organizationName) ||
      (commonName.length >= 7 &&
        organizationName.length >= 7 &&
        commonName.startsWith(organizationName.slice(0, 7)));
    return isPrefixed ? commonName : `${organizationName}: ${commonName}`;
  }

  #noteKey(value: Uint8Array): void {
    const algorithm = this.#keyAlgorithm();
    if (value[0] !== 0)
      refuse('certificate', 'EBADMSG', `certificate: its public key is a BIT STRING with unused bits`);
    this.#key = { algorithm, bytes: value.subarray(1) };
  }

  #keyAlgorithm(): KeyAlgorithm {
    const oid = this.#lastOid;
    if (oid === 'rsaEncryption') return 'rsa';
    if (oid === 'gost2012PKey256' || oid === 'gost2012PKey512') return 'ecrdsa';
    if (oid !== 'ecPublicKey')
      refuse(
        'certificate',
        'ENOPKG',
        `certificate: a public key of a kind that is not known (${oid ?? 'unknown'})`,
      );
    const parameters = this.#parameters ?? new Uint8Array(0);
    if (
      parameters.length < 3 ||
      parameters[0] !== OBJECT_IDENTIFIER ||
      parameters[1] !== parameters.length - 2
    ) {
      refuse('certificate', 'EBADMSG', `certificate: its public key does not name its curve`);
    }
    const curve = oidOf(parameters.subarray(2));
    const algorithm = curve && CURVES[curve];
    if (algorithm === undefined)
      refuse(
        'certificate',
        'ENOPKG',
        `certificate: a public key on a curve that is not known (${curve ?? 'unknown'})`,
      );
    return algorithm;
  }

  #noteSignature(value: Uint8Array): void {
    if (this.#lastOid !== this.#signatureOid)
      refuse('certificate', 'EINVAL', `certificate: it names two different algorithms for its signature`);
    if (value[0] !== 0)
      refuse('certificate', 'EBADMSG', `certificate: its signature is a BIT STRING with unused bits`);
    this.#signature = value.subarray(1);
  }

  /** Kernel function `x509_process_extension()`. */
  #noteExtension(value: Uint8Array): void {
    switch (this.#lastOid) {
      case 'subjectKeyIdentifier':
        if (this.#skid !== undefined)
          refuse('certificate', 'EBADMSG', `certificate: two subject key identifiers`);
        if (value.length < 3 || value[0] !== OCTET_STRING || value[1] !== value.length - 2) {
          refuse('certificate', 'EBADMSG', `certificate: a malformed subject key identifier`);
        }
        this.#skid = value.subarray(2);
        break;
      case 'keyUsage':
        if (value.length < 4 || value[0] !== BIT_STRING || (value[2] ?? 0) >= 8)
          refuse('certificate', 'EBADMSG', `certificate: a malformed key usage`);
        break;
      case 'authorityKeyIdentifier':
        this.authorityKeyIdentifier = value;
        break;
      case 'basicConstraints':
        if (!isBasicConstraints(value))
          refuse('certificate', 'EBADMSG', `certificate: malformed basic constraints`);
        break;
      default:
        break;
    }
  }

  #generalName(): readonly BerStep[] {
    const typedValue = (number: number): BerStep => ({
      match: constructedTag(number),
      body: [{ match: 'any' }],
    });
    return [
      { match: constructedTag(0), optional: true, body: [{ match: OBJECT_IDENTIFIER }, typedValue(0)] },
      { match: contextTag(1), optional: true, alternative: true },
      { match: contextTag(2), optional: true, alternative: true },
      { match: constructedTag(3), optional: true, alternative: true, body: [{ match: 'any' }] },
      {
        match: constructedTag(4),
        optional: true,
        alternative: true,
        body: [
          {
            match: SEQUENCE,
            repeated: true,
            body: this.#relativeNames,
            note: ({ value }) => {
              this.#authorityIssuer = value;
            },
          },
        ],
      },
      {
        match: constructedTag(5),
        optional: true,
        alternative: true,
        body: [{ match: constructedTag(0), optional: true, body: [{ match: 'any' }] }, typedValue(1)],
      },
      { match: contextTag(6), optional: true, alternative: true },
      { match: contextTag(7), optional: true, alternative: true },
      { match: contextTag(8), optional: true, alternative: true },
      { oneOf: true },
    ];
  }
}

/** A Time: either of two kinds, then what is done with it. */
function time(act: BerNote): BerStep[] {
  return [
    { match: UTC_TIME, optional: true },
    { match: GENERALIZED_TIME, optional: true, alternative: true },
    { oneOf: true },
    { act },
  ];
}

/** The forms of BasicConstraints that the kernel takes: nothing inside, or cA TRUE first. */
function isBasicConstraints(value: Uint8Array): boolean {
  if (value.length < 2 || value[0] !== SEQUENCE || value[1] !== value.length - 2) return false;
  return (
    value.length === 2 || (value.length >= 5 && value[2] === BOOLEAN && value[3] === 1 && value[4] === 0xff)
  );
}
