import { encodeDer, findNode, parseDer } from '../../support/der-tree.js';
import { buildEfiLists, EFI_TYPE, type EfiListParts } from '../../support/efi.js';
import { ATTRIBUTES, type FirmwareVariable, VENDOR } from '../../support/firmware-variables.js';
import { computeDigest, type Digest } from '../../support/test-keys.js';
import { caExtensions, type Identity, issue, issueSelfSigned } from '../certificates.js';
import { ca, rsaKey, secondaryCertificates } from '../identities.js';
import { buildImage, peDigest } from '../image.js';

/** A time of revocation, as UEFI has it in entries that revoke a certificate by its digest: 2026-01-01. */
const TIME = Uint8Array.of(0xea, 0x07, 1, 1, ...new Uint8Array(12));

const made = new Map<string, Identity>();

function once(name: string, make: () => Identity): Identity {
  const identity = made.get(name) ?? make();
  made.set(name, identity);
  return identity;
}

/** A signer that the CA issued. @param digest - of the CA's signature */
const signerNamed = (name: string, digest: Digest = 'sha256'): Identity =>
  once(name, () => issue(name, rsaKey(name), ca(), { digest }));

type RevokedName =
  | ('signer' | 'intermediate' | 'leaf' | 'byOwner' | 'trusted')
  | ('sha256' | 'sha256AndTime' | 'sha256OfSha384' | 'sha384AsSha256' | 'sha384' | 'sha512');

/** Identities that dbx or MokListXRT revokes, or names in a form that revokes nothing. */
export const REVOKED: Readonly<Record<RevokedName, () => Identity>> = {
  /** The certificate is in dbx. */
  signer: () => signerNamed('revoked signer'),
  /** A CA whose certificate is in dbx, and a signer that it issued. */
  intermediate: () =>
    once('revoked intermediate', () => {
      const key = rsaKey('revoked intermediate');
      return issue('revoked intermediate', key, ca(), {
        fields: { extensions: caExtensions(key, ca().certificate) },
      });
    }),
  leaf: () =>
    once('leaf of the revoked intermediate', () =>
      issue('leaf of the revoked intermediate', rsaKey('revoked leaf'), REVOKED.intermediate()),
    ),
  /** The certificate is in MokListXRT. */
  byOwner: () => signerNamed('revoked by MokListXRT'),
  /** The certificate is in dbx and in db. */
  trusted: () => signerNamed('revoked and trusted'),
  /** The digest is in dbx, by type and length of the entry. */
  sha256: () => signerNamed('revoked by SHA-256'),
  sha256AndTime: () => signerNamed('revoked by SHA-256 and time'),
  sha256OfSha384: () => signerNamed('signed with SHA-384, revoked by SHA-256', 'sha384'),
  sha384AsSha256: () => signerNamed('signed with SHA-384, revoked by SHA-384 as SHA-256', 'sha384'),
  sha384: () => signerNamed('revoked by SHA-384', 'sha384'),
  sha512: () => signerNamed('revoked by SHA-512', 'sha512'),
};

/** A CA in MokListRT, and a signer that it issued. */
export const ownerCa = (): Identity =>
  once("owner's CA", () => {
    const key = rsaKey("owner's CA");
    return issueSelfSigned("owner's CA", key, { fields: { extensions: caExtensions(key) } });
  });
export const ownerSigner = (): Identity =>
  once("owner's signer", () => issue("owner's signer", rsaKey("owner's signer"), ownerCa()));

/** An image whose digest is in dbx. */
export const revokedImage = (): Uint8Array => buildImage({ trailing: Buffer.from('revoked ') });

/**
 * The variables of firmware with Secure Boot on, in which the conformance tests' CA is enrolled, and keys that revoke.
 *
 * @param others - further certificates for db
 */
export function listFirmwareKeys(others: readonly Uint8Array[]): readonly FirmwareVariable[] {
  const owner = certificatesOf([ca()]);
  const db = [
    ...certificatesOf([ca(), REVOKED.trusted()]),
    ...[...secondaryCertificates(), ...others].map(listCertificate),
  ];
  const signed = (name: string, vendor: string, lists: readonly EfiListParts[]): FirmwareVariable => ({
    ...{ name, vendor, attributes: ATTRIBUTES.signed, data: buildEfiLists(...lists) },
  });
  // shim copies its lists at each boot into variables that are not kept; the kernel reads these, too.
  const kept = (name: string, lists: readonly EfiListParts[]): FirmwareVariable => ({
    ...{ name, vendor: VENDOR.shim, attributes: ATTRIBUTES.kept, data: buildEfiLists(...lists) },
  });
  return [
    signed('PK', VENDOR.global, owner),
    signed('KEK', VENDOR.global, owner),
    signed('db', VENDOR.security, db),
    signed('dbx', VENDOR.security, listRevoked()),
    kept('MokListRT', certificatesOf([ownerCa()])),
    kept('MokListXRT', certificatesOf([REVOKED.byOwner()])),
  ];
}

function listRevoked(): EfiListParts[] {
  const digestOf = ({ certificate }: Identity, digest: Digest): Uint8Array =>
    computeDigest(digest, encodeDer(findNode(parseDer(certificate.der), [0])));
  const withTime = (digest: Uint8Array): Uint8Array => Buffer.concat([digest, TIME]);
  const list = (type: keyof typeof EFI_TYPE, data: Uint8Array): EfiListParts => ({
    ...{ type: EFI_TYPE[type], signatures: [{ data }] },
  });
  return [
    ...certificatesOf([REVOKED.signer(), REVOKED.intermediate(), REVOKED.trusted()]),
    list('x509Sha256', digestOf(REVOKED.sha256(), 'sha256')),
    list('x509Sha256', withTime(digestOf(REVOKED.sha256AndTime(), 'sha256'))),
    list('x509Sha256', digestOf(REVOKED.sha256OfSha384(), 'sha256')),
    list('x509Sha256', digestOf(REVOKED.sha384AsSha256(), 'sha384')),
    list('x509Sha384', withTime(digestOf(REVOKED.sha384(), 'sha384'))),
    list('x509Sha512', withTime(digestOf(REVOKED.sha512(), 'sha512'))),
    list('sha256', peDigest(revokedImage(), 'sha256')),
  ];
}

function certificatesOf(identities: readonly Identity[]): EfiListParts[] {
  return identities.map(({ certificate }) => listCertificate(certificate.der));
}

function listCertificate(data: Uint8Array): EfiListParts {
  return { type: EFI_TYPE.x509, signatures: [{ data }] };
}
