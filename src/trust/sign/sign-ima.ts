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

/** A signature over a whole file, and by whom. */
export interface FileSignature {
  readonly certificate: Certificate;
  readonly hash: SigningHash;
  /** RSA PKCS#1 v1.5, or ECDSA in DER, over the file. */
  readonly signature: Uint8Array;
}

/**
 * The file with the signature appended, as the kernel's `scripts/sign-file` has it: a detached PKCS#7 message with
 * neither certificates nor authenticated attributes, which IMA's appraisal takes under `appraise_type=imasig|modsig`.
 *
 * @throws KexecError as `ImaVerifier.verifyAppended()`: the signature is not the certificate's key's over the file
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
  verifierFor(certificate, hashes).verifyAppended(whole);
  return whole;
}

/**
 * The value of `security.ima` for the file, as `evmctl ima_sign` makes it.
 *
 * @throws KexecError as `ImaVerifier.verifyXattr()`: the signature is not the certificate's key's over the file
 */
export function buildSignedXattr(file: Uint8Array, signed: FileSignature, hashes: Hashes): Uint8Array {
  const { certificate, hash, signature } = signed;
  const xattr = buildImaXattr({ hash, keyId: findImaKeyId(certificate), signature });
  verifierFor(certificate, hashes).verifyXattr(file, xattr);
  return xattr;
}

/** A verifier that trusts one certificate. */
function verifierFor(certificate: Certificate, hashes: Hashes): ImaVerifier {
  const keyrings = [{ name: 'ima', certificates: [certificate] }] as const;
  return new ImaVerifier({ keyrings, blacklist: EMPTY_BLACKLIST, hashes });
}
