import { KexecError, refuse } from '../../base/error.js';
import {
  derExplicit,
  derImplicitSetOf,
  derInteger,
  derIntegerOf,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derSetOf,
  derTime,
} from '../../formats/der.js';
import { digestOf, type Hashes } from '../hashes.js';
import { EMPTY_BLACKLIST } from '../keyrings/keyring.js';
import { MessageVerifier } from '../pkcs7/message-verifier.js';
import { parsePkcs7 } from '../pkcs7/parse-message.js';
import type { Certificate } from '../x509/certificate.js';
import { type Oid, oidContents } from '../x509/oids.js';
import { verifyRawSignature } from '../x509/public-key.js';
import { digestAlgorithm, type SigningHash } from './content.js';

/** What is signed, and by whom. */
export interface Message {
  /** The contents of SpcIndirectDataContent, without tag and length: what is digested. */
  readonly content: Uint8Array;
  readonly hash: SigningHash;
  /** The signer's. */
  readonly certificate: Certificate;
  /** Others that go along. */
  readonly additional: readonly Certificate[];
  /** Absent from the message if it is to be the same bytes whenever it is made. */
  readonly signingTime: Date | undefined;
  /** Unauthenticated attributes, each whole. */
  readonly unauthenticated: readonly Uint8Array[];
}

const ECDSA_OIDS = {
  sha256: 'ecdsaWithSha256',
  sha384: 'ecdsaWithSha384',
  sha512: 'ecdsaWithSha512',
} as const satisfies Record<SigningHash, Oid>;

/** Bytes of a number in an ECDSA signature, by the certificate's kind of key. */
const ECDSA_SIZES: Readonly<Record<string, number>> = {
  'ecdsa-nist-p256': 32,
  'ecdsa-nist-p384': 48,
  'ecdsa-nist-p521': 66,
};

/** SignedData and SignerInfo that name the signer by issuer and serial number: RFC 5652, sections 5.1 and 5.3. */
const VERSION = 1;

/**
 * The authenticated attributes of a message: what a key signs. They are a SET OF, the content type, the digest of the
 * content and, if it is told, the signing time (RFC 5652, section 5.4).
 */
export function buildAttributes(message: Message, hashes: Hashes): Uint8Array {
  return derSetOf(...attributesOf(message, hashes));
}

/**
 * A PKCS#7 message: the content, the certificates, the attributes and the signature over them. That it holds in itself
 * is verified before it is given, as the kernel verifies it.
 *
 * @param signature - RSA PKCS#1 v1.5, or ECDSA in DER or as two numbers of the curve's size
 * @throws KexecError `EKEYREJECTED` and others, `public-key`: the signature is not the certificate's key's over the
 *   attributes, or the key is none that the kernel takes; `pkcs7-time`, `pkcs7-chain`: times or certificates do not fit
 *   one another; `EMSGSIZE`, `pe-wrapper`: the message is longer than the kernel reads.
 */
export function buildMessage(message: Message, signature: Uint8Array, hashes: Hashes): Uint8Array {
  const { content, hash, certificate, additional, unauthenticated } = message;
  const attributes = attributesOf(message, hashes);
  const signerInfo = derSequence(
    derInteger(VERSION),
    derSequence(derSequence(certificate.issuer), derIntegerOf(certificate.serial)),
    digestAlgorithm(hash),
    derImplicitSetOf(0, ...attributes),
    signatureAlgorithm(message),
    derOctetString(signatureInDer(message, derSetOf(...attributes), signature, hashes)),
    ...(unauthenticated.length === 0 ? [] : [derImplicitSetOf(1, ...unauthenticated)]),
  );
  const signedData = derSequence(
    derInteger(VERSION),
    derSetOf(digestAlgorithm(hash)),
    derSequence(derObjectIdentifier(oidContents('msIndirectData')), derExplicit(0, derSequence(content))),
    derImplicitSetOf(0, certificate.der, ...additional.map(({ der }) => der)),
    derSetOf(signerInfo),
  );
  const whole = derSequence(derObjectIdentifier(oidContents('signedData')), derExplicit(0, signedData));
  new MessageVerifier({ hashes, blacklist: EMPTY_BLACKLIST }).verify(parsePkcs7(whole, hashes), content);
  return whole;
}

function attributesOf({ content, hash, signingTime }: Message, hashes: Hashes): Uint8Array[] {
  const attribute = (type: Oid, value: Uint8Array): Uint8Array =>
    derSequence(derObjectIdentifier(oidContents(type)), derSetOf(value));
  return [
    attribute('contentType', derObjectIdentifier(oidContents('msIndirectData'))),
    ...(signingTime === undefined ? [] : [attribute('signingTime', derTime(signingTime))]),
    attribute('messageDigest', derOctetString(digest(hashes, hash, content))),
  ];
}

/** RSA is named by itself, ECDSA with its digest: the kernel takes no other names (`pkcs7_sig_note_pkey_algo()`). */
export function signatureAlgorithm({ certificate, hash }: Pick<Message, 'certificate' | 'hash'>): Uint8Array {
  return certificate.publicKey.algorithm === 'rsa'
    ? derSequence(derObjectIdentifier(oidContents('rsaEncryption')), derNull())
    : derSequence(derObjectIdentifier(oidContents(ECDSA_OIDS[hash])));
}

/** The signature as a message has it: two numbers side by side become DER, if they are the key's over the attributes. */
function signatureInDer(
  { certificate: { publicKey }, hash }: Message,
  attributes: Uint8Array,
  signature: Uint8Array,
  hashes: Hashes,
): Uint8Array {
  const size = ECDSA_SIZES[publicKey.algorithm];
  if (size === undefined || signature.length !== 2 * size) return signature;
  const bytes = ecdsaInDer(signature, size);
  try {
    verifyRawSignature(publicKey, { algorithm: 'ecdsa', hash, bytes }, digest(hashes, hash, attributes));
    return bytes;
  } catch (error) {
    if (error instanceof KexecError) return signature;
    throw error;
  }
}

/** ECDSA-Sig-Value (RFC 3279, section 2.2.3) of two numbers side by side, as PKCS#11 gives them. */
function ecdsaInDer(signature: Uint8Array, size: number): Uint8Array {
  const number = (bytes: Uint8Array): Uint8Array =>
    derInteger(bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n));
  return derSequence(number(signature.subarray(0, size)), number(signature.subarray(size)));
}

function digest(hashes: Hashes, hash: SigningHash, bytes: Uint8Array): Uint8Array {
  const value = digestOf(hashes, hash, bytes);
  if (value === undefined) {
    refuse('pkcs7-algorithm', 'ENOPKG', `${hash} is not to be had`);
  }
  return value;
}
