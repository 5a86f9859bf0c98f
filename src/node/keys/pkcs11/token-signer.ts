/** Signs with a key on a PKCS#11 token: a smart card, a security key, an HSM. */
import { createHash, verify, X509Certificate } from 'node:crypto';
import { refuse } from '../../../base/error.js';
import { encodeOctetString, encodeSequence } from '../../../formats/der.js';
import { parsePkcs11Uri } from '../../../formats/pkcs11-uri.js';
import { encodeDigestAlgorithm, type SigningHash } from '../../../trust/sign/content.js';
import { encodeEcdsaSignature } from '../../../trust/sign/message.js';
import { CKA, CKU, type Mechanism } from './cryptoki.js';
import { openTokenKey, quote, requireLogin, type TokenKey } from './token-key.js';

/** CKM_RSA_PKCS and CKM_ECDSA sign a digest; the others are given the bytes and digest them. */
const MECHANISMS = {
  rsa: { digest: 0x1, sha256: 0x40, sha384: 0x41, sha512: 0x42 },
  ec: { digest: 0x1041, sha256: 0x1044, sha384: 0x1045, sha512: 0x1046 },
} as const;

/**
 * Opens a signer whose key is on a token. The key is found, and the PIN checked, before anything is signed.
 *
 * @param uri - PKCS#11 URI of the private key
 * @param askPin - called if the token needs a PIN and the URI has none, with the name of the token
 * @returns signs by RSA PKCS#1 v1.5 or by ECDSA, in DER
 * @throws KexecError check `sign-token`; the signer throws `sign-key` if the key does not belong to the certificate.
 */
export async function openTokenSigner(
  uri: string,
  { certificate, hash }: { readonly certificate: Uint8Array; readonly hash: SigningHash },
  askPin: (name: string, secret: 'PIN') => Promise<string>,
): Promise<(bytes: Uint8Array) => Promise<Uint8Array>> {
  const key = await openTokenKey(parsePkcs11Uri(uri), askPin);
  return async (bytes) => {
    const signature = signWith(key, hash, bytes);
    if (!isSignatureOf(certificate, hash, bytes, signature)) {
      refuse(
        'sign-key',
        'EKEYREJECTED',
        `the private key on the token ${quote(key.token.token)} does not belong to the certificate`,
      );
    }
    return signature;
  };
}

/** By the mechanism that signs a digest or, if the token lacks that, by the one that digests by itself. */
function signWith(
  { module, token, session, key, type, pin }: TokenKey,
  hash: SigningHash,
  bytes: Uint8Array,
): Uint8Array {
  const digest = createHash(hash).update(bytes).digest();
  const info =
    type === 'rsa' ? encodeSequence(encodeDigestAlgorithm(hash), encodeOctetString(digest)) : digest;
  const mechanisms: Mechanism[] = [
    { type: MECHANISMS[type].digest, data: info },
    { type: MECHANISMS[type][hash], data: bytes },
  ];
  const mechanism = mechanisms.find((candidate) => module.startSigning(session, key, candidate));
  if (mechanism === undefined) {
    refuse('sign-token', 'EINVAL', `the token ${quote(token.token)} does not sign ${hash} with this key`);
  }
  // Some keys ask for the PIN again for each signature, such as the one in slot 9c of a PIV card.
  if (module.readAttribute(session, key, CKA.alwaysAuthenticate)?.[0] === 1) {
    requireLogin(module.login(session, CKU.contextSpecific, pin), token);
  }
  const signature = module.sign(session, mechanism);
  return type === 'rsa' ? signature : encodeEcdsaSignature(signature, signature.length / 2);
}

function isSignatureOf(
  certificate: Uint8Array,
  hash: SigningHash,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return verify(hash, bytes, new X509Certificate(certificate).publicKey, signature);
  } catch (cause) {
    refuse('sign-key', 'EINVAL', 'the certificate cannot be read', { cause });
  }
}
