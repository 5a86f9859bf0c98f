import { concatenate } from '../../base/bytes.js';
import {
  encodeExplicit,
  encodeInteger,
  encodeIntegerContents,
  encodeObjectIdentifier,
  encodeOctetString,
  encodeSequence,
  encodeSetOf,
} from '../../formats/der.js';
import { buildImaXattr } from '../../formats/ima-xattr.js';
import { buildModuleSignature } from '../../formats/module-signature.js';
import type { Hashes } from '../hashes.js';
import { findImaKeyId } from '../ima/ima-keyrings.js';
import { ImaVerifier } from '../ima/ima-verifier.js';
import { EMPTY_BLACKLIST } from '../keyrings/keyring.js';
import type { Certificate } from '../x509/certificate.js';
import { encodeOid } from '../x509/oids.js';
import { encodeDigestAlgorithm, type SigningHash } from './content.js';
import { encodeSignatureAlgorithm } from './message.js';

/** A signature over a whole file, and its signer. */
export interface FileSignature {
  readonly certificate: Certificate;
  readonly hash: SigningHash;
  /** RSA PKCS#1 v1.5, or ECDSA in DER, over the file. */
  readonly signature: Uint8Array;
}

/**
 * Appends a signature to a file as the kernel's `scripts/sign-file` does: a detached PKCS#7 message without
 * certificates and authenticated attributes, which IMA accepts under `appraise_type=imasig|modsig`.
 *
 * @throws KexecError as `ImaVerifier.verifyAppended()`: the certificate's key did not make the signature over the file
 */
export function appendSignature(file: Uint8Array, signed: FileSignature, hashes: Hashes): Uint8Array {
  const { certificate, hash, signature } = signed;
  const signerInfo = encodeSequence(
    encodeInteger(1),
    encodeSequence(encodeSequence(certificate.issuer), encodeIntegerContents(certificate.serial)),
    encodeDigestAlgorithm(hash),
    encodeSignatureAlgorithm(signed),
    encodeOctetString(signature),
  );
  const signedData = encodeSequence(
    encodeInteger(1),
    encodeSetOf(encodeDigestAlgorithm(hash)),
    encodeSequence(encodeObjectIdentifier(encodeOid('data'))),
    encodeSetOf(signerInfo),
  );
  const message = encodeSequence(
    encodeObjectIdentifier(encodeOid('signedData')),
    encodeExplicit(0, signedData),
  );
  const whole = concatenate([file, buildModuleSignature(message)]);
  createVerifier(certificate, hashes).verifyAppended(whole);
  return whole;
}

/**
 * Builds the value of `security.ima` for a file, as `evmctl ima_sign` does.
 *
 * @throws KexecError as `ImaVerifier.verifyXattr()`: the certificate's key did not make the signature over the file
 */
export function buildSignedXattr(file: Uint8Array, signed: FileSignature, hashes: Hashes): Uint8Array {
  const { certificate, hash, signature } = signed;
  const xattr = buildImaXattr({ hash, keyId: findImaKeyId(certificate), signature });
  createVerifier(certificate, hashes).verifyXattr(file, xattr);
  return xattr;
}

/** A verifier that trusts one certificate. */
function createVerifier(certificate: Certificate, hashes: Hashes): ImaVerifier {
  const keyrings = [{ name: 'ima', certificates: [certificate] }] as const;
  return new ImaVerifier({ keyrings, blacklist: EMPTY_BLACKLIST, hashes });
}
