import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  element,
  generalizedTime,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  set,
  TAG,
  utcTime,
  utf8String,
} from '../../support/der.js';
import { computeDigest } from '../../support/test-keys.js';
import { attachMessage, contentsOfElement, signedFile, signedMessage } from '../authenticode.js';
import { type Case, casesFor, casesOf } from '../case.js';
import {
  authorityKeyIdentifier,
  basicConstraints,
  type CertificateFields,
  extension,
  type Identity,
  issue,
  keyIdOf,
  name,
  nameOf,
  OIDS,
  reAlgorithm,
  signerFields,
  subjectKeyIdentifier,
} from '../certificates.js';
import { ca, ecSigner, intermediate, leaf, rsaKey, signer } from '../identities.js';
import { buildImage } from '../image.js';
import { changeAt, concat, elementAt, mutateDer } from '../mutations.js';
import { OID_NAMES, OID_TABLE } from '../oids.js';

/** Paths of a signer's names, which the kernel compares and logs. */
const NAME_PATHS = ['3', '5'];

/** A leaf of the intermediate CA whose certificate has other fields. */
function leafWith(fields: Partial<CertificateFields>, change?: (tbs: Uint8Array) => Uint8Array): Identity {
  return issue('leaf', rsaKey('leaf'), intermediate(), {
    fields,
    ...(change === undefined ? {} : { change }),
  });
}

function fileWith(fields: Partial<CertificateFields>, change?: (tbs: Uint8Array) => Uint8Array): Uint8Array {
  return signedFile({ signer: leafWith(fields, change) });
}

/** The ordinary extensions of a leaf, except for those of a type. */
function extensionsWithout(type: string): Uint8Array[] {
  const { extensions } = signerFields('leaf', rsaKey('leaf'), intermediate().certificate);
  return extensions.filter((one) => Buffer.compare(elementAt(one, [0]), oid(type)) !== 0);
}

const withExtension = (type: string, ...values: readonly Uint8Array[]) =>
  fileWith({ extensions: [...extensionsWithout(type), ...values] });

/** The elements of a to-be-signed part changed before it is signed. */
export function tbsCases(): Case[] {
  const tbs = elementAt(leaf().certificate.der, [0]);
  const mutations = mutateDer(tbs, (change, path) => {
    const inName = NAME_PATHS.includes(String(path[0])) && path.length > 2;
    return !inName || !change.startsWith('length in');
  });
  return casesFor(
    mutations,
    ({ name }) => name,
    ({ bytes }) => fileWith({}, () => bytes),
  );
}

/** The outer elements of a certificate changed after it was signed. */
export function certificateCases(): Case[] {
  const mutations = mutateDer(leaf().certificate.der, (_, path) => path.length < 2 || path[0] !== 0);
  const bytes = (der: Uint8Array) => signedFile({ signer: leaf(), certificates: [der] });
  const another = issue('leaf', rsaKey('leaf'), intermediate(), { digest: 'sha512' });
  return [
    ...casesFor(
      mutations,
      (mutation) => mutation.name,
      (mutation) => bytes(mutation.bytes),
    ),
    ...casesOf({
      'signature of another certificate': () =>
        bytes(changeAt(leaf().certificate.der, [2], () => elementAt(another.certificate.der, [2]))),
      'another algorithm outside than inside': () =>
        bytes(changeAt(leaf().certificate.der, [1], () => elementAt(another.certificate.der, [1]))),
      'another algorithm inside than outside': () =>
        fileWith({}, (tbs) => changeAt(tbs, [2], () => intermediate().key.certificateAlgorithm('sha384'))),
      'an algorithm for another kind of key': () =>
        bytes(reAlgorithm(leaf().certificate.der, ecSigner('p256').key.certificateAlgorithm('sha256'))),
      'a signature by another issuer': () => {
        const { certificate } = issue('leaf', rsaKey('leaf'), {
          key: rsaKey('somebody'),
          certificate: intermediate().certificate,
        });
        return bytes(certificate.der);
      },
      'a signature by another issuer that is embedded': () => {
        const { certificate } = issue('leaf', rsaKey('leaf'), {
          key: rsaKey('somebody'),
          certificate: intermediate().certificate,
        });
        return signedFile({
          signer: leaf(),
          certificates: [certificate.der, intermediate().certificate.der],
        });
      },
      'a signature by another key of the CA': () => {
        const { certificate } = issue('signer', rsaKey('signer'), {
          key: rsaKey('somebody'),
          certificate: ca().certificate,
        });
        return signedFile({ certificates: [certificate.der] });
      },
      'unused bits in the signature': () =>
        bytes(
          changeAt(leaf().certificate.der, [2], (whole) =>
            element(3, concat([1], contentsOfElement(whole).subarray(1))),
          ),
        ),
      'an empty BIT STRING for signature': () =>
        bytes(changeAt(leaf().certificate.der, [2], () => element(3))),
      'no bits in the signature': () =>
        bytes(changeAt(leaf().certificate.der, [2], () => bitString(new Uint8Array()))),
    }),
  ];
}

/** Rare fields of certificates, and fields that are compared with others. */
export function fieldCases(): Case[] {
  const parent = intermediate().certificate;
  const serials: Record<string, Uint8Array> = {
    'one byte': integer(5),
    zero: integer(0),
    negative: element(2, Uint8Array.of(0x80, 1)),
    'no octets': element(2),
    'a zero too many': element(2, Uint8Array.of(0, 0, 5)),
    '20 octets': element(2, new Uint8Array(20).fill(0x11)),
    '300 octets': element(2, new Uint8Array(300).fill(0x11)),
  };
  const names: Record<string, Uint8Array> = {
    empty: sequence(),
    'an organization': nameOf([OIDS.organization, 'Organization']),
    'an e-mail address': nameOf([OIDS.email, 'a@b.c']),
    'organization and common name': nameOf(
      [OIDS.organization, 'Some Company'],
      [OIDS.commonName, 'A signer'],
    ),
    'a common name that begins with the organization': nameOf(
      [OIDS.organization, 'Company'],
      [OIDS.commonName, 'Company signer'],
    ),
    'a common name twice': nameOf([OIDS.commonName, 'a'], [OIDS.commonName, 'b']),
    'an unknown attribute': nameOf([OID_TABLE.unknown, 'x']),
    'of 300 bytes': nameOf([OIDS.commonName, 'x'.repeat(300)]),
    'of 256 bytes': nameOf([OIDS.commonName, 'x'.repeat(256)]),
    'an empty common name': nameOf([OIDS.commonName, '']),
    'an empty set': sequence(set()),
    'two attributes in a set': sequence(
      set(sequence(oid(OIDS.commonName), utf8String('a')), sequence(oid(OIDS.organization), utf8String('b'))),
    ),
    'an integer': sequence(set(sequence(oid(OIDS.commonName), integer(5)))),
    'a common name with NUL': nameOf([OIDS.commonName, 'a\0b']),
    'that of the issuer': parent.subject,
  };
  const versions: Record<string, Uint8Array> = {
    'version 1': context(0, integer(0)),
    'version 2': context(0, integer(1)),
    'version 9': context(0, integer(9)),
    'no version': new Uint8Array(),
    'version not explicit': contextPrimitive(0, Uint8Array.of(2)),
    'version empty': context(0),
    'version twice': context(0, integer(2), integer(2)),
  };
  return [
    ...casesFor(
      Object.entries(serials),
      ([name]) => `serial number of ${name}`,
      ([, serial]) => fileWith({ serial }),
    ),
    ...casesFor(
      Object.entries(names),
      ([name]) => `subject ${name}`,
      ([, subject]) => fileWith({ subject }),
    ),
    ...casesFor(
      Object.entries(names),
      ([name]) => `issuer ${name}`,
      ([, issuer]) => fileWith({ issuer }),
    ),
    ...casesFor(
      Object.entries(versions),
      ([name]) => name,
      ([, version]) => fileWith({ version }),
    ),
    ...casesOf({
      'no extensions': () => fileWith({ extensions: [] }),
      'no extensions, version 1': () => fileWith({ extensions: [], version: new Uint8Array() }),
      'an empty list of extensions': () =>
        fileWith({ extensions: [] }, (tbs) => append(tbs, context(3, sequence()))),
      'extensions twice': () =>
        fileWith({}, (tbs) => append(tbs, context(3, sequence(basicConstraints(false))))),
      issuerUniqueID: () =>
        fileWith({}, (tbs) => insertBefore(tbs, 7, contextPrimitive(1, Uint8Array.of(0, 1)))),
      subjectUniqueID: () =>
        fileWith({}, (tbs) => insertBefore(tbs, 7, contextPrimitive(2, Uint8Array.of(0, 1)))),
      'both unique IDs': () =>
        fileWith({}, (tbs) =>
          insertBefore(
            tbs,
            7,
            concat(contextPrimitive(1, Uint8Array.of(0, 1)), contextPrimitive(2, Uint8Array.of(0, 1))),
          ),
        ),
      'unique IDs in the wrong order': () =>
        fileWith({}, (tbs) =>
          insertBefore(
            tbs,
            7,
            concat(contextPrimitive(2, Uint8Array.of(0, 1)), contextPrimitive(1, Uint8Array.of(0, 1))),
          ),
        ),
      'the algorithm without parameters': () =>
        bytesOf(reAlgorithmSigned(sequence(oid(OID_TABLE.sha256WithRSAEncryption)))),
      'the algorithm with odd parameters': () =>
        bytesOf(reAlgorithmSigned(sequence(oid(OID_TABLE.sha256WithRSAEncryption), boolean(true)))),
      'the algorithm with two parameters': () =>
        bytesOf(
          reAlgorithmSigned(sequence(oid(OID_TABLE.sha256WithRSAEncryption), nullValue(), nullValue())),
        ),
    }),
  ];
}

function bytesOf(der: Uint8Array): Uint8Array {
  return signedFile({ signer: leaf(), certificates: [der] });
}

/** The leaf's certificate with another algorithm in both places, signed afterwards. */
function reAlgorithmSigned(algorithm: Uint8Array): Uint8Array {
  const tbs = changeAt(elementAt(leaf().certificate.der, [0]), [2], () => algorithm);
  return sequence(tbs, algorithm, bitString(intermediate().key.sign('sha256', tbs)));
}

function append(tbs: Uint8Array, more: Uint8Array): Uint8Array {
  return sequence(contentsOfElement(tbs), more);
}

function insertBefore(tbs: Uint8Array, index: number, more: Uint8Array): Uint8Array {
  return changeAt(tbs, [index], (whole) => concat(more, whole));
}

/** Validities, with and without a signing time. */
export function validityCases(): Case[] {
  const times: Record<string, Uint8Array> = {
    past: utcTime('200101000000Z'),
    'the first second': utcTime('700101000000Z'),
    1949: utcTime('491231235959Z'),
    1950: utcTime('500101000000Z'),
    1969: utcTime('691231235959Z'),
    2050: generalizedTime('20500101000000Z'),
    '2049 in GeneralizedTime': generalizedTime('20491231235959Z'),
    '9999': generalizedTime('99991231235959Z'),
    'without Z': utcTime('270101000000'),
    'without seconds': utcTime('2701010000Z'),
    'with an offset': utcTime('270101000000+0100'),
    'month 13': utcTime('271301000000Z'),
    'February 30': utcTime('270230000000Z'),
    'hour 24': utcTime('270101240000Z'),
    'second 60': utcTime('270101000060Z'),
    empty: utcTime(''),
    'a UTF8String': utf8String('270101000000Z'),
    NULL: nullValue(),
  };
  return [
    ...casesFor(
      Object.entries(times),
      ([name]) => `notBefore ${name}`,
      ([, notBefore]) => fileWith({ notBefore }),
    ),
    ...casesFor(
      Object.entries(times),
      ([name]) => `notAfter ${name}`,
      ([, notAfter]) => fileWith({ notAfter }),
    ),
    ...casesOf({
      'expired long ago': () =>
        fileWith({ notBefore: utcTime('000101000000Z'), notAfter: utcTime('010101000000Z') }),
      'not valid yet': () =>
        fileWith({
          notBefore: generalizedTime('20900101000000Z'),
          notAfter: generalizedTime('20910101000000Z'),
        }),
      'ends before it begins': () =>
        fileWith({ notBefore: utcTime('300101000000Z'), notAfter: utcTime('290101000000Z') }),
      'three times': () =>
        fileWith({}, (tbs) =>
          changeAt(tbs, [4], (whole) => sequence(contentsOfElement(whole), utcTime('300101000000Z'))),
        ),
      'expired, issued by a CA that is': () => {
        const old = { notBefore: utcTime('000101000000Z'), notAfter: utcTime('010101000000Z') };
        const issuer = issue('expired ca', rsaKey('expired ca'), ca(), { fields: old });
        const leaf = issue('expired leaf', rsaKey('leaf'), issuer, { fields: old });
        return signedFile({ signer: leaf, certificates: [leaf.certificate.der, issuer.certificate.der] });
      },
    }),
  ];
}

/** Extensions: present, missing, twice, malformed. */
export function extensionCases(): Case[] {
  const keyId = keyIdOf(rsaKey('leaf'));
  const parent = intermediate().certificate;
  const constraints = (...contents: Uint8Array[]) =>
    extension(OIDS.basicConstraints, sequence(...contents), true);
  const usage = (...octets: number[]) => extension(OIDS.keyUsage, Uint8Array.from(octets), true);
  const skid = (value: Uint8Array) => extension(OIDS.subjectKeyIdentifier, value);
  const akid = (value: Uint8Array) => extension(OIDS.authorityKeyIdentifier, value);
  const basic = OIDS.basicConstraints;
  const use = OIDS.keyUsage;
  const subject = OIDS.subjectKeyIdentifier;
  const authority = OIDS.authorityKeyIdentifier;
  const parentName = { issuer: parent.issuer, serial: contentsOfElement(parent.serial) };
  return casesOf({
    'no basicConstraints': () => withExtension(basic),
    'CA true': () => withExtension(basic, constraints(boolean(true))),
    'CA false, said': () => withExtension(basic, constraints(boolean(false))),
    'CA 1': () => withExtension(basic, constraints(element(1, Uint8Array.of(1)))),
    'CA true, path length 0': () => withExtension(basic, constraints(boolean(true), integer(0))),
    'path length 0 alone': () => withExtension(basic, constraints(integer(0))),
    'an INTEGER of -1 for CA': () => withExtension(basic, constraints(element(2, Uint8Array.of(0xff)))),
    'CA of two octets': () => withExtension(basic, constraints(element(1, Uint8Array.of(0xff, 0xff)))),
    'CA without octets': () => withExtension(basic, constraints(element(1))),
    'basicConstraints empty': () => withExtension(basic, extension(basic, new Uint8Array())),
    'basicConstraints of one byte': () => withExtension(basic, extension(basic, Uint8Array.of(0x30))),
    'basicConstraints a SET': () => withExtension(basic, extension(basic, set())),
    'basicConstraints with a byte behind': () =>
      withExtension(basic, extension(basic, concat(sequence(), [0]))),
    'basicConstraints too long': () =>
      withExtension(basic, extension(basic, Uint8Array.of(0x30, 5, 1, 1, 0xff))),
    'basicConstraints twice': () => withExtension(basic, constraints(), constraints(boolean(true))),
    'basicConstraints of length in 1 octet more': () =>
      withExtension(basic, extension(basic, Uint8Array.of(0x30, 0x81, 3, 1, 1, 0xff))),
    'no keyUsage': () => withExtension(use),
    'keyUsage nothing': () => withExtension(use, usage(3, 2, 7, 0)),
    'keyUsage keyCertSign': () => withExtension(use, usage(3, 2, 2, 4)),
    'keyUsage of two octets': () => withExtension(use, usage(3, 3, 7, 0x86, 0x80)),
    'keyUsage of two octets, one missing': () => withExtension(use, usage(3, 3, 7, 0x86)),
    'keyUsage of three bytes': () => withExtension(use, usage(3, 1, 0)),
    'keyUsage of no bits': () => withExtension(use, usage(3, 1, 0, 0)),
    'keyUsage with 8 unused bits': () => withExtension(use, usage(3, 2, 8, 0x80)),
    'keyUsage an OCTET STRING': () => withExtension(use, usage(4, 2, 7, 0x80)),
    'keyUsage with a byte behind': () => withExtension(use, usage(3, 2, 7, 0x80, 0)),
    'keyUsage of another length': () => withExtension(use, usage(3, 9, 7, 0x80)),
    'keyUsage empty': () => withExtension(use, usage()),
    'keyUsage twice': () => withExtension(use, usage(3, 2, 7, 0x80), usage(3, 2, 2, 4)),
    'no extendedKeyUsage': () => withExtension(OIDS.extendedKeyUsage),
    'extendedKeyUsage serverAuth': () =>
      withExtension(
        OIDS.extendedKeyUsage,
        extension(OIDS.extendedKeyUsage, sequence(oid('1.3.6.1.5.5.7.3.1'))),
      ),
    'extendedKeyUsage rubbish': () =>
      withExtension(OIDS.extendedKeyUsage, extension(OIDS.extendedKeyUsage, Uint8Array.of(1))),
    'an unknown extension': () =>
      withExtension(OID_TABLE.unknown, extension(OID_TABLE.unknown, Uint8Array.of(1))),
    'an unknown critical extension': () =>
      withExtension(OID_TABLE.unknown, extension(OID_TABLE.unknown, Uint8Array.of(1), true)),
    'an extension without a value': () => withExtension(OID_TABLE.unknown, sequence(oid(OID_TABLE.unknown))),
    'an extension with an empty value': () =>
      withExtension(OID_TABLE.unknown, extension(OID_TABLE.unknown, new Uint8Array())),
    'critical, of two octets': () =>
      withExtension(
        OID_TABLE.unknown,
        sequence(oid(OID_TABLE.unknown), element(1, Uint8Array.of(1, 1)), octetString(Uint8Array.of(1))),
      ),
    'a hundred extensions': () =>
      withExtension(
        OID_TABLE.unknown,
        ...Array.from({ length: 100 }, () => extension(OID_TABLE.unknown, Uint8Array.of(1))),
      ),

    'no subjectKeyIdentifier': () => withExtension(subject),
    'subjectKeyIdentifier twice': () =>
      withExtension(subject, subjectKeyIdentifier(keyId), subjectKeyIdentifier(keyId)),
    'subjectKeyIdentifier of one byte': () => withExtension(subject, subjectKeyIdentifier(Uint8Array.of(1))),
    'subjectKeyIdentifier empty': () => withExtension(subject, subjectKeyIdentifier(new Uint8Array())),
    'subjectKeyIdentifier without value': () => withExtension(subject, skid(new Uint8Array())),
    'subjectKeyIdentifier of 126 bytes': () =>
      withExtension(subject, subjectKeyIdentifier(new Uint8Array(126).fill(1))),
    'subjectKeyIdentifier of 130 bytes': () =>
      withExtension(subject, subjectKeyIdentifier(new Uint8Array(130).fill(1))),
    'subjectKeyIdentifier not in an OCTET STRING': () => withExtension(subject, skid(keyId)),
    'subjectKeyIdentifier too long': () => withExtension(subject, skid(concat([4, 21], keyId))),
    'subjectKeyIdentifier with a byte behind': () =>
      withExtension(subject, skid(concat(octetString(keyId), [0]))),
    "subjectKeyIdentifier of the issuer's": () => withExtension(subject, subjectKeyIdentifier(parent.keyId)),
    "subjectKeyIdentifier of the CA's": () =>
      withExtension(subject, subjectKeyIdentifier(ca().certificate.keyId)),

    'no authorityKeyIdentifier': () => withExtension(authority),
    'no authorityKeyIdentifier, the issuer embedded': () => embedded(extensionsWithout(authority)),
    'authorityKeyIdentifier of another': () =>
      withExtension(authority, authorityKeyIdentifier({ keyId: computeDigest('sha1', Buffer.from('x')) })),
    'authorityKeyIdentifier of its own': () => withExtension(authority, authorityKeyIdentifier({ keyId })),
    "authorityKeyIdentifier of the CA's": () =>
      withExtension(authority, authorityKeyIdentifier({ keyId: ca().certificate.keyId })),
    'authorityKeyIdentifier of nothing': () => withExtension(authority, authorityKeyIdentifier({})),
    'authorityKeyIdentifier of an empty key identifier': () =>
      withExtension(authority, authorityKeyIdentifier({ keyId: new Uint8Array() })),
    'authorityKeyIdentifier of issuer and serial': () =>
      withExtension(authority, authorityKeyIdentifier(parentName)),
    'authorityKeyIdentifier of issuer and serial, embedded': () =>
      embedded([...extensionsWithout(authority), authorityKeyIdentifier(parentName)]),
    'authorityKeyIdentifier of everything': () =>
      withExtension(authority, authorityKeyIdentifier({ ...parentName, keyId: parent.keyId })),
    'authorityKeyIdentifier of everything, embedded': () =>
      embedded([
        ...extensionsWithout(authority),
        authorityKeyIdentifier({ ...parentName, keyId: parent.keyId }),
      ]),
    'authorityKeyIdentifier of issuer and serial, and of another': () =>
      withExtension(authority, authorityKeyIdentifier({ ...parentName, keyId })),
    'authorityKeyIdentifier of issuer and serial, and of another, embedded': () =>
      embedded([...extensionsWithout(authority), authorityKeyIdentifier({ ...parentName, keyId })]),
    'authorityKeyIdentifier of another serial, and of the issuer': () =>
      withExtension(
        authority,
        authorityKeyIdentifier({ ...parentName, serial: Uint8Array.of(1), keyId: parent.keyId }),
      ),
    'authorityKeyIdentifier of another serial, and of the issuer, embedded': () =>
      embedded([
        ...extensionsWithout(authority),
        authorityKeyIdentifier({ ...parentName, serial: Uint8Array.of(1), keyId: parent.keyId }),
      ]),
    'authorityKeyIdentifier of an issuer alone': () =>
      withExtension(authority, authorityKeyIdentifier({ issuer: parent.issuer })),
    'authorityKeyIdentifier of a serial number alone': () =>
      withExtension(authority, authorityKeyIdentifier({ serial: parentName.serial })),
    'authorityKeyIdentifier of serial number and issuer as key identifier': () =>
      withExtension(
        authority,
        authorityKeyIdentifier({ keyId: concat(parentName.serial, contentsOfElement(parent.issuer)) }),
      ),
    'authorityKeyIdentifier with other names': () =>
      withExtension(
        authority,
        akid(
          sequence(
            contextPrimitive(0, parent.keyId),
            context(
              1,
              contextPrimitive(2, Buffer.from('dns')),
              context(4, parent.issuer),
              contextPrimitive(6, Buffer.from('uri')),
            ),
            contextPrimitive(2, parentName.serial),
          ),
        ),
      ),
    'authorityKeyIdentifier with every kind of name': () =>
      withExtension(
        authority,
        akid(
          sequence(
            context(
              1,
              context(0, oid('1.2.3'), context(0, utf8String('x'))),
              contextPrimitive(1, Buffer.from('a@b.c')),
              contextPrimitive(2, Buffer.from('dns')),
              context(3, sequence()),
              context(4, parent.issuer),
              context(5, context(1, utf8String('x'))),
              contextPrimitive(6, Buffer.from('uri')),
              contextPrimitive(7, Uint8Array.of(127, 0, 0, 1)),
              contextPrimitive(8, Uint8Array.of(42, 3)),
            ),
            contextPrimitive(2, parentName.serial),
          ),
        ),
      ),
    'authorityKeyIdentifier with two directory names': () =>
      withExtension(
        authority,
        akid(
          sequence(
            context(1, context(4, name('x')), context(4, parent.issuer)),
            contextPrimitive(2, parentName.serial),
          ),
        ),
      ),
    'authorityKeyIdentifier with an unknown kind of name': () =>
      withExtension(authority, akid(sequence(context(1, contextPrimitive(9, Uint8Array.of(1)))))),
    'authorityKeyIdentifier with an empty list of names': () =>
      withExtension(authority, akid(sequence(contextPrimitive(0, parent.keyId), context(1)))),
    'authorityKeyIdentifier in another order': () =>
      withExtension(
        authority,
        akid(sequence(contextPrimitive(2, parentName.serial), contextPrimitive(0, parent.keyId))),
      ),
    'authorityKeyIdentifier rubbish': () => withExtension(authority, akid(Uint8Array.of(1, 2, 3))),
    'authorityKeyIdentifier empty': () => withExtension(authority, akid(new Uint8Array())),
    'authorityKeyIdentifier with a byte behind': () =>
      withExtension(authority, akid(concat(sequence(contextPrimitive(0, parent.keyId)), [0]))),
    'authorityKeyIdentifier of indefinite length': () =>
      withExtension(authority, akid(concat([0x30, 0x80], contextPrimitive(0, parent.keyId), [0, 0]))),
    'authorityKeyIdentifier of length too long': () =>
      withExtension(authority, akid(concat([0x30, 23], contextPrimitive(0, parent.keyId)))),
    'authorityKeyIdentifier twice, the right one first': () =>
      withExtension(
        authority,
        authorityKeyIdentifier({ keyId: parent.keyId }),
        authorityKeyIdentifier({ keyId }),
      ),
    'authorityKeyIdentifier twice, the right one last': () =>
      withExtension(
        authority,
        authorityKeyIdentifier({ keyId }),
        authorityKeyIdentifier({ keyId: parent.keyId }),
      ),
    'authorityKeyIdentifier with two key identifiers': () =>
      withExtension(authority, akid(sequence(contextPrimitive(0, parent.keyId), contextPrimitive(0, keyId)))),
    'authorityKeyIdentifier, constructed': () =>
      withExtension(authority, akid(sequence(context(0, octetString(parent.keyId))))),
  });
}

/** The elements of a complete authority key identifier, changed before the certificate is signed. */
export function authorityElementCases(): Case[] {
  const { issuer, serial, keyId } = intermediate().certificate;
  const names = context(
    1,
    context(0, oid('1.2.3'), context(0, utf8String('x'))),
    contextPrimitive(1, Buffer.from('a@b.c')),
    context(3, sequence()),
    context(4, issuer),
    context(5, context(0, utf8String('x')), context(1, utf8String('y'))),
    contextPrimitive(8, Uint8Array.of(42, 3)),
  );
  const whole = sequence(contextPrimitive(0, keyId), names, contextPrimitive(2, contentsOfElement(serial)));
  return casesFor(
    mutateDer(whole),
    ({ name }) => name,
    ({ bytes }) => withExtension(OIDS.authorityKeyIdentifier, extension(OIDS.authorityKeyIdentifier, bytes)),
  );
}

/** A leaf with these extensions, and its issuer's certificate embedded. */
function embedded(extensions: readonly Uint8Array[]): Uint8Array {
  const signer = leafWith({ extensions });
  return signedFile({ signer, certificates: [signer.certificate.der, intermediate().certificate.der] });
}

/** Every known object identifier for the algorithms of a certificate. */
export function certificateOidCases(): Case[] {
  const { publicKeyInfo } = rsaKey('leaf');
  const ecInfo = ecSigner('p256').key.publicKeyInfo;
  const places: Record<string, (value: Uint8Array) => Uint8Array> = {
    'the signature of a certificate': (value) => bytesOf(reAlgorithmSigned(sequence(value, nullValue()))),
    'the RSA key of a certificate': (value) =>
      fileWith({ publicKeyInfo: changeAt(publicKeyInfo, [0, 0], () => value) }),
    'the curve of a key': (value) => fileWith({ publicKeyInfo: changeAt(ecInfo, [0, 1], () => value) }),
    'an extension': (value) =>
      fileWith({ extensions: [sequence(value, octetString(Uint8Array.of(4, 2, 1, 1)))] }),
  };
  return Object.entries(places).flatMap(([place, fileOf]) =>
    casesFor(
      OID_NAMES,
      (name) => `${name} for ${place}`,
      (name) => fileOf(oid(OID_TABLE[name])),
    ),
  );
}

/** Certificates that are their own issuers, or claim to be. */
export function selfSignedCases(): Case[] {
  const key = rsaKey('self');
  const subject = name('self');
  const keyId = keyIdOf(key);
  const serial = integer(7);
  const self = { key, certificate: { der: new Uint8Array(), issuer: subject, serial, subject, keyId } };
  const somebody = { ...self, key: rsaKey('somebody') };
  const base = [basicConstraints(true), subjectKeyIdentifier(keyId)];
  const byName = { issuer: subject, serial: contentsOfElement(serial) };
  const file = (
    issuer: Identity,
    extensions: readonly Uint8Array[],
    more: Partial<CertificateFields> = {},
  ) => {
    const identity = issue('self', key, issuer, { fields: { serial, extensions, subject, ...more } });
    return signedFile({ signer: identity });
  };
  const variants: Record<string, readonly Uint8Array[]> = {
    'without identifiers': [],
    'without authorityKeyIdentifier': base,
    'its own key identifier': [...base, authorityKeyIdentifier({ keyId })],
    'its own serial number': [...base, authorityKeyIdentifier(byName)],
    'its own key identifier and serial number': [...base, authorityKeyIdentifier({ keyId, ...byName })],
    'another key identifier': [...base, authorityKeyIdentifier({ keyId: Uint8Array.of(1, 2, 3) })],
    'another serial number': [...base, authorityKeyIdentifier({ ...byName, serial: Uint8Array.of(8) })],
    'another key identifier and its own serial number': [
      ...base,
      authorityKeyIdentifier({ keyId: Uint8Array.of(1, 2, 3), ...byName }),
    ],
    'its own key identifier and another serial number': [
      ...base,
      authorityKeyIdentifier({ keyId, ...byName, serial: Uint8Array.of(8) }),
    ],
    "the CA's key identifier": [...base, authorityKeyIdentifier({ keyId: ca().certificate.keyId })],
    "the CA's serial number": [
      ...base,
      authorityKeyIdentifier({
        issuer: ca().certificate.issuer,
        serial: contentsOfElement(ca().certificate.serial),
      }),
    ],
  };
  const sha224 = (der: Uint8Array) => signedFile({ certificates: [signer().certificate.der, der] });
  return [
    ...Object.entries(variants).flatMap(([variant, extensions]) =>
      casesOf({
        [`self-signed, ${variant}`]: () => file(self, extensions),
        [`signed by somebody else in its own name, ${variant}`]: () => file(somebody, extensions),
      }),
    ),
    ...casesOf({
      'self-signed beside a good signer': () =>
        sha224(issue('self', key, self, { fields: { serial, subject, extensions: base } }).certificate.der),
      'wrongly self-signed beside a good signer': () =>
        sha224(
          issue('self', key, somebody, { fields: { serial, subject, extensions: base } }).certificate.der,
        ),
      'wrongly self-signed of an unknown digest beside a good signer': () => {
        const { der } = issue('self', key, somebody, {
          fields: { serial, subject, extensions: base },
        }).certificate;
        return sha224(reAlgorithm(der, sequence(oid(OID_TABLE['gost2012 signature 256']))));
      },
      'of an unknown digest beside a good signer': () => {
        const { der } = issue('other', key, somebody).certificate;
        return sha224(reAlgorithm(der, sequence(oid(OID_TABLE['gost2012 signature 256']))));
      },
      'signed by an algorithm for ECDSA keys beside a good signer': () => {
        const { der } = issue('self', key, self, {
          fields: { serial, subject, extensions: base },
        }).certificate;
        return sha224(reAlgorithm(der, sequence(oid(OID_TABLE['ecdsa-with-SHA256']))));
      },
      'the signer, of an unknown digest': () =>
        bytesOf(reAlgorithm(leaf().certificate.der, sequence(oid(OID_TABLE['gost2012 signature 256'])))),
      'the signer, of an unknown digest, its issuer embedded': () =>
        signedFile({
          signer: leaf(),
          certificates: [
            reAlgorithm(leaf().certificate.der, sequence(oid(OID_TABLE['gost2012 signature 256']))),
            intermediate().certificate.der,
          ],
        }),
    }),
  ];
}

/** Messages whose signer's certificate is embedded many times, or with many others. */
export function manyCertificateCases(): Case[] {
  const der = leaf().certificate.der;
  const tag = element(TAG.octetString);
  return casesFor(
    [2, 10, 40],
    (count) => `${count} certificates`,
    (count) => signedFile({ signer: leaf(), certificates: Array.from({ length: count }, () => der) }),
  ).concat(
    casesOf({
      'no certificates and no signers': () =>
        attachMessage(buildImage(), signedMessage({ certificates: [], signers: [] })),
      'an element of no kind': () => signedFile({ signer: leaf(), certificates: [der, tag] }),
    }),
  );
}
