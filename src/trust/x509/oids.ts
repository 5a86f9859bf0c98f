import { decodeLatin1 } from '../../base/bytes.js';

/**
 * The object identifiers that the kernel knows (`include/linux/oid_registry.h` of 6.12; ML-DSA: of 7.0) and that matter
 * here. For
 * another one in a signature, the kernel reports EBADMSG or ENOPKG.
 */
const REGISTRY = {
  dsaWithSha1: '1.2.840.10030.4.3',
  dsa: '1.2.840.10040.4.1',
  ecPublicKey: '1.2.840.10045.2.1',
  prime192v1: '1.2.840.10045.3.1.1',
  prime256v1: '1.2.840.10045.3.1.7',
  ecdsaWithSha1: '1.2.840.10045.4.1',
  ecdsaWithSha224: '1.2.840.10045.4.3.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ecdsaWithSha384: '1.2.840.10045.4.3.3',
  ecdsaWithSha512: '1.2.840.10045.4.3.4',
  rsaEncryption: '1.2.840.113549.1.1.1',
  sha1WithRsa: '1.2.840.113549.1.1.5',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  sha384WithRsa: '1.2.840.113549.1.1.12',
  sha512WithRsa: '1.2.840.113549.1.1.13',
  sha224WithRsa: '1.2.840.113549.1.1.14',
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  emailAddress: '1.2.840.113549.1.9.1',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  smimeCapabilities: '1.2.840.113549.1.9.15',
  smimeAuthenticatedAttributes: '1.2.840.113549.1.9.16.2.11',
  mskrb5: '1.2.840.48018.1.2.2',
  krb5: '1.2.840.113554.1.2.2',
  krb5u2u: '1.2.840.113554.1.2.2.3',
  msIndirectData: '1.3.6.1.4.1.311.2.1.4',
  msStatementType: '1.3.6.1.4.1.311.2.1.11',
  msSpOpusInfo: '1.3.6.1.4.1.311.2.1.12',
  msPeImageDataObjId: '1.3.6.1.4.1.311.2.1.15',
  msIndividualSpKeyPurpose: '1.3.6.1.4.1.311.2.1.21',
  msOutlookExpress: '1.3.6.1.4.1.311.16.4',
  ntlmssp: '1.3.6.1.4.1.311.2.2.10',
  negoex: '1.3.6.1.4.1.311.2.2.30',
  spnego: '1.3.6.1.5.5.2',
  iakerb: '1.3.6.1.5.2.5',
  pku2u: '1.3.5.1.5.2.7',
  scram: '1.3.6.1.5.5.14',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  sha1: '1.3.14.3.2.26',
  ansip384r1: '1.3.132.0.34',
  ansip521r1: '1.3.132.0.35',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  sha224: '2.16.840.1.101.3.4.2.4',
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  countryName: '2.5.4.6',
  locality: '2.5.4.7',
  stateOrProvinceName: '2.5.4.8',
  organizationName: '2.5.4.10',
  organizationUnitName: '2.5.4.11',
  title: '2.5.4.12',
  description: '2.5.4.13',
  name: '2.5.4.41',
  givenName: '2.5.4.42',
  initials: '2.5.4.43',
  generationalQualifier: '2.5.4.44',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  crlDistributionPoints: '2.5.29.31',
  certPolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  netlogonMechanism: '1.2.752.43.14.2',
  appleLocalKdcSupported: '1.2.752.43.14.3',
  gostCpSignA: '1.2.643.2.2.35.1',
  gostCpSignB: '1.2.643.2.2.35.2',
  gostCpSignC: '1.2.643.2.2.35.3',
  gost2012PKey256: '1.2.643.7.1.1.1.1',
  gost2012PKey512: '1.2.643.7.1.1.1.2',
  gost2012Digest256: '1.2.643.7.1.1.2.2',
  gost2012Digest512: '1.2.643.7.1.1.2.3',
  gost2012Signature256: '1.2.643.7.1.1.3.2',
  gost2012Signature512: '1.2.643.7.1.1.3.3',
  gostTc26Sign256A: '1.2.643.7.1.2.1.1.1',
  gostTc26Sign256B: '1.2.643.7.1.2.1.1.2',
  gostTc26Sign256C: '1.2.643.7.1.2.1.1.3',
  gostTc26Sign256D: '1.2.643.7.1.2.1.1.4',
  gostTc26Sign512A: '1.2.643.7.1.2.1.2.1',
  gostTc26Sign512B: '1.2.643.7.1.2.1.2.2',
  gostTc26Sign512C: '1.2.643.7.1.2.1.2.3',
  sm2: '1.2.156.10197.1.301',
  sm3: '1.2.156.10197.1.401',
  sm2WithSm3: '1.2.156.10197.1.501',
  sm3WithRsa: '1.2.156.10197.1.504',
  tpmLoadableKey: '2.23.133.10.1.3',
  tpmImportableKey: '2.23.133.10.1.4',
  tpmSealedData: '2.23.133.10.1.5',
  'sha3-256': '2.16.840.1.101.3.4.2.8',
  'sha3-384': '2.16.840.1.101.3.4.2.9',
  'sha3-512': '2.16.840.1.101.3.4.2.10',
  'ecdsaWithSha3-256': '2.16.840.1.101.3.4.3.10',
  'ecdsaWithSha3-384': '2.16.840.1.101.3.4.3.11',
  'ecdsaWithSha3-512': '2.16.840.1.101.3.4.3.12',
  'sha3-256WithRsa': '2.16.840.1.101.3.4.3.14',
  'sha3-384WithRsa': '2.16.840.1.101.3.4.3.15',
  'sha3-512WithRsa': '2.16.840.1.101.3.4.3.16',
  mlDsa44: '2.16.840.1.101.3.4.3.17',
  mlDsa65: '2.16.840.1.101.3.4.3.18',
  mlDsa87: '2.16.840.1.101.3.4.3.19',
} as const;

/** This project's name for an object identifier that the kernel knows. */
export type Oid = keyof typeof REGISTRY;

const BY_CONTENTS = new Map(
  Object.entries(REGISTRY).map(([name, dotted]) => [decodeLatin1(encodeDotted(dotted)), name as Oid]),
);

/**
 * Finds the name of an object identifier by the contents of its element.
 *
 * @returns undefined if the kernel does not know it
 */
export function findOid(contents: Uint8Array): Oid | undefined {
  return BY_CONTENTS.get(decodeLatin1(contents));
}

/** Encodes the contents of the element for an object identifier. */
export function encodeOid(name: Oid): Uint8Array {
  return encodeDotted(REGISTRY[name]);
}

/** X.690, section 8.19. */
function encodeDotted(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Uint8Array.from([first * 40 + second, ...rest].flatMap(encodeArc));
}

/** Seven bits an octet, the most significant first, all but the last with the top bit set. */
function encodeArc(arc: number): number[] {
  const octets = [arc & 0x7f];
  for (let left = arc >> 7; left > 0; left >>= 7) octets.unshift((left & 0x7f) | 0x80);
  return octets;
}
