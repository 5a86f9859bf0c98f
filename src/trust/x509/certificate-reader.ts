import { refuse } from '../../base/error.js';
import {
  BIT_STRING,
  constructedTag,
  contextTag,
  GENERALIZED_TIME,
  INTEGER,
  SEQUENCE,
  UTC_TIME,
} from '../../formats/asn1-tags.js';
import type { BerNote, BerStep } from '../../formats/ber.js';
import type { HashName } from '../hashes.js';
import { findKeyAlgorithm, findSignatureAlgorithm } from './certificate-algorithms.js';
import { decodeTime } from './der-time.js';
import { ExtensionReader } from './extension-reader.js';
import { NameReader } from './name-reader.js';
import { OidRegister } from './oid-register.js';
import type { Oid } from './oids.js';
import type { PublicKey, RawSignature } from './public-key.js';

/** A Name: its contents, and its text as the kernel's log has it. */
export interface DistinguishedName {
  readonly contents: Uint8Array;
  readonly text: string;
}

const NO_BYTES = new Uint8Array(0);

/** Collects the parts of a certificate (RFC 5280, section 4.1) while {@link grammar} is decoded. */
export class CertificateReader {
  serial: Uint8Array = NO_BYTES;
  issuer: DistinguishedName | undefined;
  subject: DistinguishedName | undefined;
  /** Seconds since 1970. */
  validFrom = 0n;
  validTo = 0n;
  publicKey: PublicKey | undefined;
  /** The signed part, with its header. */
  tbs: Uint8Array = NO_BYTES;
  algorithm: RawSignature['algorithm'] = 'rsa';
  hash: HashName = 'sha256';
  signature: Uint8Array = NO_BYTES;
  readonly extensions: ExtensionReader;

  /** Certificate. */
  readonly grammar: BerStep;

  readonly #oids = new OidRegister();
  readonly #names = new NameReader(this.#oids);
  #signatureOid: Oid | undefined;
  #keyParameters: Uint8Array = NO_BYTES;
  readonly #knowsMlDsa: boolean;

  constructor(knowsMlDsa: boolean) {
    this.#knowsMlDsa = knowsMlDsa;
    this.extensions = new ExtensionReader(this.#oids);
    this.grammar = {
      match: SEQUENCE,
      body: [
        this.#tbsCertificate(),
        { match: SEQUENCE, body: this.#algorithmIdentifier() },
        { match: BIT_STRING, note: ({ value }) => this.#noteSignature(value) },
      ],
    };
  }

  #tbsCertificate(): BerStep {
    return {
      match: SEQUENCE,
      note: ({ whole }) => {
        this.tbs = whole;
      },
      body: [
        { match: constructedTag(0), optional: true, body: [{ match: INTEGER }] },
        {
          match: INTEGER,
          note: ({ value }) => {
            this.serial = value;
          },
        },
        {
          match: SEQUENCE,
          body: this.#algorithmIdentifier(),
          note: () => this.#noteSignatureAlgorithm(),
        },
        this.#name((name) => {
          this.issuer = name;
        }),
        { match: SEQUENCE, body: this.#validity() },
        this.#name((name) => {
          this.subject = name;
        }),
        { match: SEQUENCE, body: this.#subjectPublicKeyInfo() },
        { match: contextTag(1), optional: true },
        { match: contextTag(2), optional: true },
        {
          match: constructedTag(3),
          optional: true,
          body: [{ match: SEQUENCE, repeated: true, body: [this.extensions.step] }],
        },
      ],
    };
  }

  #algorithmIdentifier(noteParameters: BerNote = () => {}): readonly BerStep[] {
    return [this.#oids.step, { match: 'any', optional: true, note: noteParameters }];
  }

  #name(note: (name: DistinguishedName) => void): BerStep {
    return {
      match: SEQUENCE,
      repeated: true,
      body: this.#names.body,
      note: ({ value }) => note({ contents: value, text: this.#names.take() }),
    };
  }

  #validity(): readonly BerStep[] {
    const time = (act: BerNote): BerStep[] => [
      { match: UTC_TIME, optional: true },
      { match: GENERALIZED_TIME, optional: true, alternative: true },
      { oneOf: true },
      { act },
    ];
    return [
      ...time(({ tag, value }) => {
        this.validFrom = decodeTime(tag, value);
      }),
      ...time(({ tag, value }) => {
        this.validTo = decodeTime(tag, value);
      }),
    ];
  }

  #subjectPublicKeyInfo(): readonly BerStep[] {
    return [
      {
        match: SEQUENCE,
        body: this.#algorithmIdentifier(({ whole }) => {
          this.#keyParameters = whole;
        }),
      },
      { match: BIT_STRING, note: ({ value }) => this.#noteKey(value) },
    ];
  }

  /** Kernel function `x509_note_sig_algo()`. */
  #noteSignatureAlgorithm(): void {
    [this.algorithm, this.hash] = findSignatureAlgorithm(this.#oids.last, this.#knowsMlDsa);
    this.#signatureOid = this.#oids.last;
  }

  /** Kernel function `x509_extract_key_data()`. */
  #noteKey(value: Uint8Array): void {
    const algorithm = findKeyAlgorithm(this.#oids.last, this.#keyParameters, this.#knowsMlDsa);
    if (value[0] !== 0) {
      refuse('certificate', 'EBADMSG', 'certificate: its public key is a BIT STRING with unused bits');
    }
    this.publicKey = { algorithm, bytes: value.subarray(1) };
  }

  /** Kernel function `x509_note_signature()`. */
  #noteSignature(value: Uint8Array): void {
    if (this.#oids.last !== this.#signatureOid) {
      refuse('certificate', 'EINVAL', 'certificate: it names two different algorithms for its signature');
    }
    if (value[0] !== 0) {
      refuse('certificate', 'EBADMSG', 'certificate: its signature is a BIT STRING with unused bits');
    }
    this.signature = value.subarray(1);
  }
}
