import { refuse } from '../../base/error.js';
import { constructedTag, INTEGER, SEQUENCE } from '../../formats/asn1-tags.js';
import { type BerElement, type BerMatch, type BerStep, decodeBer } from '../../formats/ber.js';
import type { Hashes } from '../hashes.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { OidRegister } from '../x509/oid-register.js';
import { SignatureChecks } from '../x509/signature-work.js';
import type { Pkcs7Message, Signer } from './message.js';
import { algorithmIdentifier, setOrSequence } from './message-grammar.js';
import { type SignedDataHeader, SignerInfoReader } from './signer-info-reader.js';

/**
 * Parses a PKCS#7 message as the kernel does: `pkcs7_parse_message()`.
 *
 * @param checks - verifies its signatures; all messages of one file share one, which says what the kernel knows
 * @throws KexecError `EBADMSG`, `EINVAL`, `ENOPKG`, `EKEYREJECTED` or `EMSGSIZE`, as the kernel; checks `ber`,
 *   `pkcs7-content`, `pkcs7-algorithm`, `pkcs7-attributes`, `certificate`, `certificate-time`, `public-key`,
 *   `signature-work`.
 */
export function parsePkcs7(
  bytes: Uint8Array,
  hashes: Hashes,
  checks: SignatureChecks = new SignatureChecks(hashes),
): Pkcs7Message {
  const reader = new Pkcs7Reader(hashes, checks);
  decodeBer(bytes, reader.grammar, 'PKCS#7 message');
  return reader.finish();
}

/** Collects the parts of a message while {@link grammar} is decoded. */
class Pkcs7Reader {
  /** ContentInfo with SignedData. */
  readonly grammar: BerStep;

  readonly #hashes: Hashes;
  readonly #checks: SignatureChecks;
  readonly #oids = new OidRegister();
  readonly #header: SignedDataHeader = { version: 0, contentType: 'data' };
  readonly #signerInfos: SignerInfoReader;
  #content: BerElement | undefined;
  readonly #certificates: Certificate[] = [];
  /** Parsed, but not yet part of the message. Those of a list of revoked certificates never become part of it. */
  #pending: Certificate[] = [];

  constructor(hashes: Hashes, checks: SignatureChecks) {
    this.#hashes = hashes;
    this.#checks = checks;
    this.#signerInfos = new SignerInfoReader(this.#oids, this.#header, checks.knowsMlDsa);
    this.grammar = {
      match: SEQUENCE,
      body: [
        this.#oids.step,
        { act: () => this.#checkMessageType() },
        {
          match: constructedTag(0),
          optional: true,
          body: [{ match: SEQUENCE, body: this.#signedData() }],
        },
      ],
    };
  }

  finish(): Pkcs7Message {
    const { signers } = this.#signerInfos;
    requireConsistentSigners(signers);
    return {
      contentType: this.#header.contentType,
      content: this.#content,
      certificates: this.#certificates,
      signers,
      checks: this.#checks,
    };
  }

  #signedData(): readonly BerStep[] {
    return [
      { match: INTEGER, note: ({ value }) => this.#noteVersion(value) },
      ...setOrSequence({ match: SEQUENCE, body: algorithmIdentifier(this.#oids) }),
      { match: SEQUENCE, body: this.#contentInfo() },
      { act: () => this.#noteContentType() },
      ...this.#embeddedCertificates(),
      ...this.#revokedCertificates(),
      ...setOrSequence(this.#signerInfos.step),
    ];
  }

  #contentInfo(): readonly BerStep[] {
    const content: BerMatch = {
      match: 'any',
      note: (element) => {
        this.#content = element;
      },
    };
    return [this.#oids.step, { match: constructedTag(0), optional: true, body: [content] }];
  }

  #embeddedCertificates(): readonly BerStep[] {
    const certificate = this.#certificate();
    return [
      {
        match: constructedTag(0),
        optional: true,
        repeated: true,
        body: [
          { ...certificate, optional: true },
          { ...certificate, optional: true, alternative: true },
          { oneOf: true },
        ],
      },
      {
        match: constructedTag(2),
        optional: true,
        alternative: true,
        repeated: true,
        body: [certificate],
      },
      { act: () => this.#keepCertificates() },
    ];
  }

  /** Lists of revoked certificates, which the kernel parses as if they were certificates, and then ignores. */
  #revokedCertificates(): readonly BerStep[] {
    const list: BerStep = { match: SEQUENCE, repeated: true, body: [this.#certificate()] };
    return [
      { match: constructedTag(1), optional: true, repeated: true, body: [list] },
      { match: constructedTag(3), optional: true, alternative: true, repeated: true, body: [list] },
    ];
  }

  #certificate(): BerMatch {
    return { match: 'any', note: (element) => this.#noteCertificate(element) };
  }

  #checkMessageType(): void {
    const { last } = this.#oids;
    if (last !== 'signedData') {
      refuse('pkcs7-content', 'EINVAL', `PKCS#7 message: it is no SignedData (${last ?? 'unknown'})`);
    }
  }

  /** Kernel function `pkcs7_note_signeddata_version()`. */
  #noteVersion(value: Uint8Array): void {
    const [version] = value;
    if (value.length !== 1 || (version !== 1 && version !== 3)) {
      refuse('pkcs7-content', 'EINVAL', 'PKCS#7 message: a version of SignedData other than 1 and 3');
    }
    this.#header.version = version;
  }

  /** Kernel function `pkcs7_note_content()`. */
  #noteContentType(): void {
    const { last } = this.#oids;
    if (last !== 'data' && last !== 'msIndirectData') {
      refuse('pkcs7-content', 'EINVAL', `PKCS#7 message: content of type ${last ?? 'unknown'}`);
    }
    this.#header.contentType = last;
  }

  /** Kernel function `pkcs7_extract_cert()`. */
  #noteCertificate({ tag, whole }: BerElement): void {
    if (tag !== SEQUENCE) {
      const seen = `PKCS#7 message: an embedded certificate that begins with tag ${tag}`;
      refuse('certificate', 'EBADMSG', seen);
    }
    this.#pending.push(parseCertificate(whole, this.#hashes, this.#checks));
  }

  /** Kernel function `pkcs7_note_certificate_list()`. */
  #keepCertificates(): void {
    for (const certificate of this.#pending) this.#certificates.push(certificate);
    this.#pending = [];
  }
}

/** All signers have authenticated attributes, or none has: kernel function `pkcs7_check_authattrs()`. */
function requireConsistentSigners([first, ...others]: readonly Signer[]): void {
  if (first === undefined) refuse('pkcs7-attributes', 'EINVAL', 'PKCS#7 message: it has no signer');
  const has = ({ attributes }: Signer): boolean => attributes !== undefined;
  if (others.some((signer) => has(signer) !== has(first))) {
    const seen = 'PKCS#7 message: some signers have authenticated attributes, others have none';
    refuse('pkcs7-attributes', 'EINVAL', seen);
  }
}
