import { signedFile } from '../authenticode.js';
import { type Case, casesOf } from '../case.js';
import type { Identity } from '../certificates.js';
import { ca, signer } from '../identities.js';
import { ownerCa, ownerSigner, REVOKED, revokedImage } from './firmware-keys.js';

/** Files signed by keys that the firmware's variables trust or revoke. */
export function firmwareKeyCases(): Case[] {
  const by = (identity: Identity, ...others: readonly Identity[]): Uint8Array =>
    signedFile({
      signer: identity,
      certificates: [identity, ...others].map(({ certificate }) => certificate.der),
    });
  return casesOf({
    'by the CA in db': () => by(ca()),
    'by the CA in MokListRT': () => by(ownerCa()),
    'by the CA in MokListRT, not embedded': () => signedFile({ signer: ownerCa(), certificates: [] }),
    'by a signer of the CA in MokListRT': () => by(ownerSigner()),
    'by a signer of the CA in MokListRT, the CA embedded': () => by(ownerSigner(), ownerCa()),
    'a certificate in dbx': () => by(REVOKED.signer()),
    'a certificate in MokListXRT': () => by(REVOKED.byOwner()),
    'a certificate in dbx and in db': () => by(REVOKED.trusted()),
    'a certificate in dbx and in db, not embedded': () =>
      signedFile({ signer: REVOKED.trusted(), certificates: [] }),
    'a certificate in dbx embedded beside the signer': () => by(signer(), REVOKED.signer()),
    'by a CA in dbx': () => by(REVOKED.intermediate()),
    'a chain that ends before a CA in dbx': () => by(REVOKED.leaf()),
    'a chain to a CA in dbx': () => by(REVOKED.leaf(), REVOKED.intermediate()),
    'a chain through a CA in dbx': () => by(REVOKED.leaf(), REVOKED.intermediate(), ca()),
    "a certificate's SHA-256 in dbx": () => by(REVOKED.sha256()),
    "a certificate's SHA-256 and a time in dbx": () => by(REVOKED.sha256AndTime()),
    "a certificate's SHA-256 in dbx, signed with SHA-384": () => by(REVOKED.sha256OfSha384()),
    "a certificate's SHA-384 in dbx, as SHA-256 and a time": () => by(REVOKED.sha384AsSha256()),
    "a certificate's SHA-384 and a time in dbx": () => by(REVOKED.sha384()),
    "a certificate's SHA-512 and a time in dbx": () => by(REVOKED.sha512()),
    "the file's SHA-256 in dbx": () => signedFile({ image: revokedImage() }),
    "the file's SHA-256 in dbx, unsigned": () => revokedImage(),
  });
}
