import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  element,
  integer,
  octetString,
  oid,
  sequence,
  set,
  TAG,
  utcTime,
  utf8String,
} from '../support/der.js';
import { computeDigest, type Digest, type TestKey } from '../support/test-keys.js';
import { changeAt } from './mutations.js';

/** The fields of a certificate (RFC 5280, section 4.1), each as the bytes of its element. */
export interface CertificateFields {
  readonly version: Uint8Array;
  readonly serial: Uint8Array;
  readonly issuer: Uint8Array;
  readonly notBefore: Uint8Array;
  readonly notAfter: Uint8Array;
  readonly subject: Uint8Array;
  readonly publicKeyInfo: Uint8Array;
  readonly extensions: readonly Uint8Array[];
}

/** An X.509 certificate. */
export interface TestCertificate {
  readonly der: Uint8Array;
  /** The bytes of its issuer and serial number, by which other structures refer to it. */
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  readonly subject: Uint8Array;
  /** The contents of its subject key identifier. */
  readonly keyId: Uint8Array;
}

/** A key with its certificate. */
export interface Identity {
  readonly key: TestKey;
  readonly certificate: TestCertificate;
}

/** Options for issuing a certificate. */
export interface IssueOptions {
  readonly digest?: Digest;
  /** The fields that differ from an ordinary certificate. */
  readonly fields?: Partial<CertificateFields>;
  /** Changes the to-be-signed part before it is signed. */
  readonly change?: (tbs: Uint8Array) => Uint8Array;
}

export const OIDS = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  email: '1.2.840.113549.1.9.1',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  codeSigning: '1.3.6.1.5.5.7.3.3',
} as const;

/** A Name with one attribute: its common name. */
export function name(commonName: string): Uint8Array {
  return nameOf([OIDS.commonName, commonName]);
}

/** A Name of attributes, each in a separate set. */
export function nameOf(...attributes: readonly (readonly [oid: string, text: string])[]): Uint8Array {
  return sequence(...attributes.map(([type, text]) => set(sequence(oid(type), utf8String(text)))));
}

export function extension(type: string, value: Uint8Array, critical = false): Uint8Array {
  return sequence(oid(type), ...(critical ? [boolean(true)] : []), octetString(value));
}

export function subjectKeyIdentifier(keyId: Uint8Array): Uint8Array {
  return extension(OIDS.subjectKeyIdentifier, octetString(keyId));
}

/** An AuthorityKeyIdentifier with the given parts. */
export function authorityKeyIdentifier(parts: {
  readonly keyId?: Uint8Array;
  readonly issuer?: Uint8Array;
  /** The contents of the serial number. */
  readonly serial?: Uint8Array;
}): Uint8Array {
  const { keyId, issuer, serial } = parts;
  return extension(
    OIDS.authorityKeyIdentifier,
    sequence(
      ...(keyId === undefined ? [] : [contextPrimitive(0, keyId)]),
      ...(issuer === undefined ? [] : [context(1, context(4, issuer))]),
      ...(serial === undefined ? [] : [contextPrimitive(2, serial)]),
    ),
  );
}

export function basicConstraints(isCa: boolean): Uint8Array {
  return extension(OIDS.basicConstraints, sequence(...(isCa ? [boolean(true)] : [])), true);
}

/** @param bits - of the first byte: 0x80 digitalSignature, 0x04 keyCertSign */
export function keyUsage(bits: number): Uint8Array {
  return extension(OIDS.keyUsage, element(TAG.bitString, Uint8Array.of(0, bits)), true);
}

/** A TBSCertificate from its fields. */
export function tbsCertificate(fields: CertificateFields, algorithm: Uint8Array): Uint8Array {
  const { version, serial, issuer, notBefore, notAfter, subject, publicKeyInfo, extensions } = fields;
  return sequence(
    version,
    serial,
    algorithm,
    issuer,
    sequence(notBefore, notAfter),
    subject,
    publicKeyInfo,
    ...(extensions.length > 0 ? [context(3, sequence(...extensions))] : []),
  );
}

/** Signs a to-be-signed part. */
export function signCertificate(tbs: Uint8Array, issuer: TestKey, digest: Digest): Uint8Array {
  return sequence(tbs, issuer.certificateAlgorithm(digest), bitString(issuer.sign(digest, tbs)));
}

/** A key identifier as by the first method of RFC 5280, section 4.2.1.2, but over the whole SubjectPublicKeyInfo. */
export function keyIdOf(key: TestKey): Uint8Array {
  return computeDigest('sha1', key.publicKeyInfo);
}

/** A serial number derived from a name. */
export function serialOf(text: string): Uint8Array {
  return integer(
    BigInt(`0x1${Buffer.from(computeDigest('sha1', Buffer.from(text)).subarray(0, 8)).toString('hex')}`),
  );
}

/** The fields of a code-signing certificate by an issuer. */
export function signerFields(commonName: string, key: TestKey, issuer: TestCertificate): CertificateFields {
  return {
    version: context(0, integer(2)),
    serial: serialOf(commonName),
    issuer: issuer.subject,
    notBefore: utcTime('260101000000Z'),
    notAfter: utcTime('460101000000Z'),
    subject: name(commonName),
    publicKeyInfo: key.publicKeyInfo,
    extensions: [
      basicConstraints(false),
      keyUsage(0x80),
      extension(OIDS.extendedKeyUsage, sequence(oid(OIDS.codeSigning))),
      subjectKeyIdentifier(keyIdOf(key)),
      authorityKeyIdentifier({ keyId: issuer.keyId }),
    ],
  };
}

/** Extensions of a CA's certificate. */
export function caExtensions(key: TestKey, issuer?: TestCertificate): Uint8Array[] {
  return [
    basicConstraints(true),
    keyUsage(0x86),
    subjectKeyIdentifier(keyIdOf(key)),
    ...(issuer === undefined ? [] : [authorityKeyIdentifier({ keyId: issuer.keyId })]),
  ];
}

/** Issues a certificate for a key. */
export function issue(
  commonName: string,
  key: TestKey,
  issuer: Identity,
  options: IssueOptions = {},
): Identity {
  const { digest = 'sha256', change = (tbs) => tbs } = options;
  const fields = { ...signerFields(commonName, key, issuer.certificate), ...options.fields };
  const tbs = tbsCertificate(fields, issuer.key.certificateAlgorithm(digest));
  return {
    key,
    certificate: {
      der: signCertificate(change(tbs), issuer.key, digest),
      issuer: fields.issuer,
      serial: fields.serial,
      subject: fields.subject,
      keyId: keyIdOf(key),
    },
  };
}

/** Issues a certificate that is signed by its own key. */
export function issueSelfSigned(commonName: string, key: TestKey, options: IssueOptions = {}): Identity {
  const subject = name(commonName);
  const self = {
    der: new Uint8Array(),
    issuer: subject,
    serial: serialOf(commonName),
    subject,
    keyId: keyIdOf(key),
  };
  return issue(commonName, key, { key, certificate: self }, options);
}

/** A certificate that names another signature algorithm in both places. */
export function reAlgorithm(der: Uint8Array, algorithm: Uint8Array): Uint8Array {
  return changeAt(
    changeAt(der, [1], () => algorithm),
    [0, 2],
    () => algorithm,
  );
}
