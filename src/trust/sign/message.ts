import { concatenate } from '../../base/bytes.js';
import { attempt, KexecError, refuse } from '../../base/error.js';
import {
  encodeExplicit,
  encodeImplicitSetOf,
  encodeInteger,
  encodeIntegerContents,
  encodeNull,
  encodeObjectIdentifier,
  encodeOctetString,
  encodeSequence,
  encodeSetOf,
  encodeTime,
} from '../../formats/der.js';
import { computeDigest, type Hashes } from '../hashes.js';
import { EMPTY_BLACKLIST } from '../keyrings/keyring.js';
import { MessageVerifier } from '../pkcs7/message-verifier.js';
import { parsePkcs7 } from '../pkcs7/parse-message.js';
import type { Certificate } from '../x509/certificate.js';
import { decodeInteger } from '../x509/integers.js';
import { isMlDsa, ML_DSA_OIDS } from '../x509/ml-dsa-names.js';
import { encodeOid, type Oid } from '../x509/oids.js';
import { verifyRawSignature } from '../x509/public-key.js';
import { encodeDigestAlgorithm, type SigningHash } from './content.js';

/** What a message says, apart from the signature. */
export interface Message {
  /** The contents of SpcIndirectDataContent, without tag and length: these are digested. */
  readonly content: Uint8Array;
  readonly hash: SigningHash;
  /** The signer's certificate. */
  readonly certificate: Certificate;
  /** Certificates between the signer's and a trusted one. */
  readonly additional: readonly Certificate[];
  /** Undefined for a message without a time: the same key then makes the same RSA signature at any time. */
  readonly signingTime: Date | undefined;
  /** Encoded unauthenticated attributes. */
  readonly unauthenticated: readonly Uint8Array[];
}

const ECDSA_OIDS = {
  sha256: 'ecdsaWithSha256',
  sha384: 'ecdsaWithSha384',
  sha512: 'ecdsaWithSha512',
} as const satisfies Record<SigningHash, Oid>;

/** Bytes of a number in an ECDSA signature, by the kind of key. */
const ECDSA_NUMBER_BYTES: Readonly<Record<string, number>> = {
  'ecdsa-nist-p256': 32,
  'ecdsa-nist-p384': 48,
  'ecdsa-nist-p521': 66,
};

/**
 * The version of SignedData and SignerInfo that name the signer by issuer and serial number: RFC 5652, sections 5.1 and
 * 5.3.
 */
const VERSION = 1;

/** Builds a PKCS#7 message around a signature that the caller makes. */
export class MessageBuilder {
  readonly #message: Message;
  readonly #hashes: Hashes;

  constructor(message: Message, hashes: Hashes) {
    this.#message = message;
    this.#hashes = hashes;
  }

  /**
   * DER of the authenticated attributes, which the key signs: a SET OF the content type, the digest of the content and,
   * if there is one, the signing time (RFC 5652, section 5.4).
   */
  buildAttributes(): Uint8Array {
    return encodeSetOf(...this.#listAttributes());
  }

  /**
   * The message: the content, the certificates, the attributes and the signature over them. It is verified as the
   * kernel verifies it before it is returned.
   *
   * @param signature - ML-DSA, RSA PKCS#1 v1.5, or ECDSA in DER or as two numbers of the curve's size
   * @throws KexecError `EKEYREJECTED` and others, `public-key`: the certificate's key did not make the signature over
   *   the attributes, or the kernel does not support the key; `pkcs7-time`, `pkcs7-chain`: times or certificates
   *   contradict one another; `EMSGSIZE`, `ber`: the message is longer than the kernel reads.
   */
  build(signature: Uint8Array): Uint8Array {
    const { content, hash, certificate, additional, unauthenticated } = this.#message;
    const signerInfo = encodeSequence(
      encodeInteger(VERSION),
      encodeSequence(encodeSequence(certificate.issuer), encodeIntegerContents(certificate.serial)),
      encodeDigestAlgorithm(hash),
      encodeImplicitSetOf(0, ...this.#listAttributes()),
      encodeSignatureAlgorithm(this.#message),
      encodeOctetString(this.#encodeSignature(signature)),
      ...(unauthenticated.length === 0 ? [] : [encodeImplicitSetOf(1, ...unauthenticated)]),
    );
    const signedData = encodeSequence(
      encodeInteger(VERSION),
      encodeSetOf(encodeDigestAlgorithm(hash)),
      encodeSequence(
        encodeObjectIdentifier(encodeOid('msIndirectData')),
        encodeExplicit(0, encodeSequence(content)),
      ),
      encodeImplicitSetOf(0, certificate.der, ...additional.map(({ der }) => der)),
      encodeSetOf(signerInfo),
    );
    const whole = encodeSequence(
      encodeObjectIdentifier(encodeOid('signedData')),
      encodeExplicit(0, signedData),
    );
    const verifier = new MessageVerifier({ hashes: this.#hashes, blacklist: EMPTY_BLACKLIST });
    verifier.verify(parsePkcs7(whole, this.#hashes), content);
    return whole;
  }

  #listAttributes(): Uint8Array[] {
    const { content, signingTime } = this.#message;
    const attribute = (type: Oid, value: Uint8Array): Uint8Array =>
      encodeSequence(encodeObjectIdentifier(encodeOid(type)), encodeSetOf(value));
    return [
      attribute('contentType', encodeObjectIdentifier(encodeOid('msIndirectData'))),
      ...(signingTime === undefined ? [] : [attribute('signingTime', encodeTime(signingTime))]),
      attribute('messageDigest', encodeOctetString(this.#digest(content))),
    ];
  }

  /** The signature as a message has it. Two numbers side by side become DER if they verify so. */
  #encodeSignature(signature: Uint8Array): Uint8Array {
    const { publicKey } = this.#message.certificate;
    const size = ECDSA_NUMBER_BYTES[publicKey.algorithm];
    if (size === undefined || signature.length !== 2 * size) return signature;
    const bytes = encodeEcdsaSignature(signature, size);
    const parts = [this.buildAttributes()];
    const digest = this.#digest(concatenate(parts));
    const refusal = attempt(() =>
      verifyRawSignature(
        publicKey,
        { algorithm: 'ecdsa', hash: this.#message.hash, bytes },
        { parts, digest },
      ),
    );
    return refusal instanceof KexecError ? signature : bytes;
  }

  #digest(bytes: Uint8Array): Uint8Array {
    const { hash } = this.#message;
    const digest = computeDigest(this.#hashes, hash, bytes);
    if (digest === undefined) refuse('pkcs7-algorithm', 'ENOPKG', `the digest ${hash} is unavailable`);
    return digest;
  }
}

/** RSA and ML-DSA are named by themselves, ECDSA with its digest: the kernel accepts no other names (`pkcs7_sig_note_pkey_algo()`). */
export function encodeSignatureAlgorithm({
  certificate,
  hash,
}: Pick<Message, 'certificate' | 'hash'>): Uint8Array {
  const { algorithm } = certificate.publicKey;
  if (isMlDsa(algorithm)) return encodeSequence(encodeObjectIdentifier(encodeOid(ML_DSA_OIDS[algorithm])));
  return algorithm === 'rsa'
    ? encodeSequence(encodeObjectIdentifier(encodeOid('rsaEncryption')), encodeNull())
    : encodeSequence(encodeObjectIdentifier(encodeOid(ECDSA_OIDS[hash])));
}

/** ECDSA-Sig-Value (RFC 3279, section 2.2.3) of two numbers side by side, as PKCS#11 returns them. */
export function encodeEcdsaSignature(signature: Uint8Array, size: number): Uint8Array {
  const numbers = [signature.subarray(0, size), signature.subarray(size)];
  return encodeSequence(...numbers.map((bytes) => encodeInteger(decodeInteger(bytes))));
}
