import type { BerElement } from '../../formats/ber.js';
import type { Certificate } from '../x509/certificate.js';
import type { RawSignature } from '../x509/public-key.js';
import type { SignatureChecks } from '../x509/signature-work.js';

/** A SignerInfo: who signed, what, and how (RFC 2315, section 9.2; `struct pkcs7_signed_info`). */
export interface Signer {
  /** Serial number and issuer of the signer's certificate, or its subject key identifier. */
  readonly id: Uint8Array;
  /** The name of the issuer of the signer's certificate: the contents of a Name; undefined if none was read. */
  readonly issuer: Uint8Array | undefined;
  readonly signature: RawSignature;
  /** The authenticated attributes without their tag; they are digested with the tag of a SET. */
  readonly attributes: Uint8Array | undefined;
  readonly messageDigest: Uint8Array | undefined;
  /** Seconds since 1970. */
  readonly signingTime: bigint | undefined;
}

/** A PKCS#7 SignedData (RFC 2315, section 9.1; `struct pkcs7_message`). */
export interface Pkcs7Message {
  readonly contentType: 'data' | 'msIndirectData';
  /** The content, of which the value is digested; undefined in a detached signature. */
  readonly content: BerElement | undefined;
  /** In the order in which they are embedded. */
  readonly certificates: readonly Certificate[];
  readonly signers: readonly Signer[];
  /** Verifies the message's signatures, each once. */
  readonly checks: SignatureChecks;
}
