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
  utcTime,
  utf8String,
} from '../../support/der.js';
import { computeDigest, type Digest, digestAlgorithm } from '../../support/test-keys.js';
import {
  ATTRIBUTE_OIDS,
  attachMessage,
  attribute,
  CONTENT_OIDS,
  contentsOfElement,
  indirectData,
  type Recipe,
  type SignerRecipe,
  signedFile,
  signedMessage,
} from '../authenticode.js';
import { type Case, casesFor, casesOf } from '../case.js';
import { ca, ecSigner, leaf, secondSigner, signer, stranger } from '../identities.js';
import { buildImage, peDigest } from '../image.js';
import { changeAt as changed, concat, elementAt, mutateDer } from '../mutations.js';
import { OID_NAMES, OID_TABLE } from '../oids.js';

/** Paths of the elements of a message. */
const CERTIFICATES_PATH = [1, 0, 3];

const UNKNOWN_OID = OID_TABLE.unknown;

/** The elements of a message, changed after it was signed; certificates are another kind. */
export function messageCases(): Case[] {
  const image = buildImage();
  const message = signedMessage({
    signer: leaf(),
    attributes: (ordinary) => [...ordinary, attribute(ATTRIBUTE_OIDS.signingTime, utcTime('270101000000Z'))],
    unauthenticated: [attribute(UNKNOWN_OID, utf8String('x'))],
  });
  const outsideOfCertificates = (_: string, path: readonly number[]) =>
    path.length <= CERTIFICATES_PATH.length || CERTIFICATES_PATH.some((step, depth) => path[depth] !== step);
  return casesFor(
    mutateDer(message, outsideOfCertificates),
    ({ name }) => name,
    ({ bytes }) => attachMessage(image, bytes),
  );
}

/** Changes that show which element the grammar expects, and how often. */
const STRUCTURAL = new Set([
  'another class',
  'another tag',
  'constructed or not',
  'deleted',
  'empty',
  'NULL instead',
  'NULL behind',
  'twice',
]);

/** Messages in rare forms that PKCS#7 allows, with elements changed after they were signed. */
export function rareMessageCases(): Case[] {
  const image = buildImage();
  const [der, other] = [leaf().certificate.der, secondSigner().certificate.der];
  const unauthenticated = [
    attribute(UNKNOWN_OID, utf8String('x')),
    attribute(UNKNOWN_OID, utf8String('y'), nullValue()),
  ];
  const recipe: Recipe = {
    signer: leaf(),
    certificates: [der, other],
    unauthenticated,
    signers: [{}, { signer: secondSigner() }],
  };
  const retagged = (message: Uint8Array, path: readonly number[], tag: number) =>
    changed(message, path, (whole) => element(tag, contentsOfElement(whole)));
  const sequences = [
    [[1, 0, 1], 0x30],
    [[1, 0, 3], 0xa2],
    [[1, 0, 5], 0x30],
    [[1, 0, 5, 0, 6], 0xa3],
    [[1, 0, 5, 1, 6], 0xa3],
  ] as const;
  const lists = (tag: number) => context(tag, sequence(der, other), sequence(der));
  const data: Recipe = { signer: leaf(), contentType: CONTENT_OIDS.data };
  const messages: Record<string, Uint8Array> = {
    'sets, and CRLs': signedMessage({ ...recipe, crls: lists(1) }),
    'sequences, and CRLs': sequences.reduce(
      (message, [path, tag]) => retagged(message, path, tag),
      signedMessage({ ...recipe, crls: lists(3) }),
    ),
    'PKCS#6 certificates': signedMessage({
      ...recipe,
      certificates: [der, other, context(0, contentsOfElement(der))],
    }),
    'attributes in [2]': changed(signedMessage(data), [1, 0, 4, 0, 3], (whole) =>
      element(0xa2, sequence(contentsOfElement(whole))),
    ),
  };
  return Object.entries(messages).flatMap(([form, message]) => {
    const whole = { name: `${form}: as it is`, file: attachMessage(image, message) };
    const mutations = mutateDer(message, (change, path) => STRUCTURAL.has(change) && !isInCertificate(path));
    const changes = casesFor(
      mutations,
      ({ name }) => `${form}: ${name}`,
      ({ bytes }) => attachMessage(image, bytes),
    );
    return [whole, ...changes];
  });
}

/** Whether a path leads into a certificate, or a list of them. */
function isInCertificate(path: readonly number[]): boolean {
  return path.length > 5 && path[0] === 1 && path[1] === 0 && (path[2] === 3 || path[2] === 4);
}

/** The elements of SpcIndirectData changed before it is signed. */
export function indirectDataCases(): Case[] {
  const ordinary = indirectData('sha256', peDigest(buildImage(), 'sha256'));
  return casesFor(
    mutateDer(ordinary),
    ({ name }) => name,
    ({ bytes }) => signedFile({ signer: leaf(), indirectData: () => bytes }),
  );
}

/** The elements of the authenticated attributes changed before they are signed. */
export function attributeElementCases(): Case[] {
  const attributes = elementAt(
    signedMessage({
      signer: leaf(),
      attributes: (ordinary) => [
        ...ordinary,
        attribute(ATTRIBUTE_OIDS.signingTime, utcTime('270101000000Z')),
      ],
    }),
    [1, 0, 4, 0, 3],
  );
  const mutations = mutateDer(attributes, (_, path) => path.length > 0);
  return casesFor(
    mutations,
    ({ name }) => name,
    ({ bytes }) => signedFile({ signer: leaf(), change: () => contentsOfElement(bytes) }),
  );
}

/** Attributes, present or missing, with various values. */
export function attributeCases(): Case[] {
  const content = attribute(ATTRIBUTE_OIDS.contentType, oid(CONTENT_OIDS.indirectData));
  const digest = (ordinary: readonly Uint8Array[]) => ordinary[1] as Uint8Array;
  const time = attribute(ATTRIBUTE_OIDS.signingTime, utcTime('270101000000Z'));
  const opus = attribute(ATTRIBUTE_OIDS.opusInfo, sequence());
  const statement = attribute(ATTRIBUTE_OIDS.statementType, sequence(oid('1.3.6.1.4.1.311.2.1.21')));
  const smime = attribute(ATTRIBUTE_OIDS.smimeCapabilities, sequence());
  const unknown = attribute(UNKNOWN_OID, utf8String('x'));
  const empty = attribute(UNKNOWN_OID);
  const of = (make: (digest: Uint8Array) => readonly Uint8Array[], recipe: Recipe = {}) =>
    signedFile({ signer: leaf(), attributes: (ordinary) => make(digest(ordinary)), ...recipe });
  const valued = (make: (value: Uint8Array) => Uint8Array[]) =>
    of((whole) => [content, attribute(ATTRIBUTE_OIDS.messageDigest, ...make(elementAt(whole, [1, 0])))]);
  const optional = { time, opus, statement, smime, unknown };
  return casesOf({
    none: () => of(() => []),
    'no [0]': () => signedFile({ signer: leaf(), bare: true }),
    'contentType alone': () => of(() => [content]),
    'messageDigest alone': () => of((whole) => [whole]),
    'in the other order': () => of((whole) => [whole, content]),
    'contentType twice': () => of((whole) => [content, content, whole]),
    'messageDigest twice': () => of((whole) => [content, whole, whole]),
    'a wrong messageDigest': () => valued(() => [octetString(new Uint8Array(32))]),
    'a messageDigest of 20 bytes': () => valued(() => [octetString(new Uint8Array(20))]),
    'an empty messageDigest': () => valued(() => [octetString(new Uint8Array())]),
    'a messageDigest and a byte': () =>
      valued((value) => [octetString(concat(contentsOfElement(value), [0]))]),
    'messageDigest without values': () => valued(() => []),
    'messageDigest with the value twice': () => valued((value) => [value, value]),
    'messageDigest with a wrong first value': () =>
      valued((value) => [octetString(new Uint8Array(32)), value]),
    'messageDigest as BIT STRING': () => valued((value) => [bitString(contentsOfElement(value))]),
    'messageDigest constructed': () => valued((value) => [element(0x24, value)]),
    'contentType data': () =>
      of((whole) => [attribute(ATTRIBUTE_OIDS.contentType, oid(CONTENT_OIDS.data)), whole]),
    'contentType unknown': () =>
      of((whole) => [attribute(ATTRIBUTE_OIDS.contentType, oid(UNKNOWN_OID)), whole]),
    'contentType as OCTET STRING': () =>
      of((whole) => [
        attribute(ATTRIBUTE_OIDS.contentType, octetString(contentsOfElement(oid(CONTENT_OIDS.indirectData)))),
        whole,
      ]),
    'contentType without values': () => of((whole) => [attribute(ATTRIBUTE_OIDS.contentType), whole]),
    'contentType with two values': () =>
      of((whole) => [
        attribute(ATTRIBUTE_OIDS.contentType, oid(CONTENT_OIDS.indirectData), oid(CONTENT_OIDS.indirectData)),
        whole,
      ]),
    ...Object.fromEntries(
      Object.entries(optional).flatMap(([name, one]) => [
        [`and ${name}`, () => of((whole) => [content, whole, one])],
        [`${name} first`, () => of((whole) => [one, content, whole])],
        [`${name} twice`, () => of((whole) => [content, whole, one, one])],
      ]),
    ),
    'all of them': () => of((whole) => [content, whole, time, opus, statement, smime, unknown]),
    'an attribute without values': () => of((whole) => [content, whole, empty]),
    'an attribute without values before contentType': () => of((whole) => [empty, content, whole]),
    '200 attributes': () => of((whole) => [content, whole, ...Array.from({ length: 200 }, () => unknown)]),
    'an attribute nested deeply': () => of((whole) => [content, whole, attribute(UNKNOWN_OID, nested(60))]),
    'nested deeply without lengths': () =>
      of((whole) => [content, whole, attribute(UNKNOWN_OID, nestedIndefinitely(60))]),
    'no attributes, as aaSequence': () =>
      attachMessage(
        buildImage(),
        mutated([1, 0, 4, 0, 3], (whole) => element(0xa2, sequence(contentsOfElement(whole)))),
      ),
    'signed over [0] in place of SET': () =>
      signedFile({
        signer: leaf(),
        sign: (signed) => leaf().key.sign('sha256', concat([0xa0], signed.subarray(1))),
      }),
    'signed over the contents of SET': () =>
      signedFile({ signer: leaf(), sign: (signed) => leaf().key.sign('sha256', contentsOfElement(signed)) }),
    'signed over the content': () =>
      signedFile({ signer: leaf(), sign: () => leaf().key.sign('sha256', Buffer.from('content')) }),
    'length of [0] in 2 octets': () =>
      attachMessage(
        buildImage(),
        mutated([1, 0, 4, 0, 3], (whole) =>
          concat([0xa0, 0x82, 0, contentsOfElement(whole).length], contentsOfElement(whole)),
        ),
      ),
    'length of [0] in 2 octets, signed so': () =>
      indefiniteAttributes((contents) => concat([0x82, 0, contents.length], contents)),
    'length of [0] indefinite, signed so': () =>
      indefiniteAttributes((contents) => concat([0x80], contents, [0, 0])),
    'length of [0] indefinite, signed so without its end': () =>
      indefiniteAttributes((contents) => concat([0x80], contents, [0, 0]), 2),
  });
}

/** Attributes whose encoding is not DER, and a signature over that encoding without some bytes at its end. */
function indefiniteAttributes(encode: (contents: Uint8Array) => Uint8Array, less = 0): Uint8Array {
  const ordinary = signedMessage({ signer: leaf() });
  const rest = encode(contentsOfElement(elementAt(ordinary, [1, 0, 4, 0, 3])));
  const signed = concat([0x31], rest.subarray(0, rest.length - less));
  const message = changed(
    signedMessage({ signer: leaf(), sign: () => leaf().key.sign('sha256', signed) }),
    [1, 0, 4, 0, 3],
    () => concat([0xa0], rest),
  );
  return attachMessage(buildImage(), message);
}

/** Signing times, well-formed or not, inside and outside the validity of the signer's certificate. */
export function signingTimeCases(): Case[] {
  const utc = [
    ...['260101000000Z', '251231235959Z', '460101000000Z', '460101000001Z', '270615123456Z'],
    ...['000101000000Z', '491231235959Z', '500101000000Z', '700101000000Z', '691231235959Z', '991231235959Z'],
    ...['270229000000Z', '280229000000Z', '270230000000Z', '270431000000Z', '270001000000Z', '271301000000Z'],
    ...['270100000000Z', '270132000000Z', '270101240000Z', '270101250000Z', '270101236000Z', '270101235960Z'],
    ...['270101235961Z', '2701010000Z', '270101000000', '270101000000+0000', '27010100000Z', '270101000000z'],
    ...['', 'Z', '27010100000aZ', '2701 1000000Z', '270101000000ZZ', '//0101000000Z', '::0101000000Z'],
  ];
  const general = [
    ...['20270101000000Z', '20260101000000Z', '20500101000000Z', '20491231235959Z', '19491231235959Z'],
    ...['19500101000000Z', '19700101000000Z', '00000101000000Z', '99991231235959Z', '20520229000000Z'],
    ...['21000229000000Z', '24000229000000Z', '20510101000000.0Z', '205101010000Z', '20510101000000', ''],
  ];
  const file = (...values: Uint8Array[]) =>
    signedFile({
      signer: leaf(),
      attributes: (ordinary) => [...ordinary, attribute(ATTRIBUTE_OIDS.signingTime, ...values)],
    });
  return [
    ...casesFor(
      utc,
      (time) => `UTCTime "${time}"`,
      (time) => file(utcTime(time)),
    ),
    ...casesFor(
      general,
      (time) => `GeneralizedTime "${time}"`,
      (time) => file(generalizedTime(time)),
    ),
    ...casesOf({
      'no value': () => file(),
      'two values': () => file(utcTime('270101000000Z'), utcTime('270101000000Z')),
      'a UTF8String': () => file(utf8String('270101000000Z')),
      NULL: () => file(nullValue()),
      'a time in a SEQUENCE': () => file(sequence(utcTime('270101000000Z'))),
      'out of validity, signer not embedded': () =>
        signedFile({
          signer: ca(),
          certificates: [],
          attributes: (ordinary) => [
            ...ordinary,
            attribute(ATTRIBUTE_OIDS.signingTime, utcTime('000101000000Z')),
          ],
        }),
      'out of validity, by a stranger': () =>
        signedFile({
          signer: stranger(),
          attributes: (ordinary) => [
            ...ordinary,
            attribute(ATTRIBUTE_OIDS.signingTime, utcTime('000101000000Z')),
          ],
        }),
      'out of validity, and a wrong signature': () =>
        signedFile({
          signer: leaf(),
          attributes: (ordinary) => [
            ...ordinary,
            attribute(ATTRIBUTE_OIDS.signingTime, utcTime('000101000000Z')),
          ],
          sign: () => new Uint8Array(256),
        }),
    }),
  ];
}

/** Contents and ends of an element of indefinite length that the grammar does not look into. */
export function indefiniteCases(): Case[] {
  const contents: Record<string, readonly number[]> = {
    nothing: [0, 0],
    'an OCTET STRING': [4, 1, 5, 0, 0],
    'an empty OCTET STRING': [4, 0, 0, 0],
    'no end': [4, 1, 5],
    'half an end': [4, 1, 5, 0],
    'an end with a length': [4, 1, 5, 0, 1],
    'an end with a length, and an end': [4, 1, 5, 0, 1, 0, 0],
    'an end with a length, inside': [0x30, 0x80, 0, 1, 0, 0, 0, 0],
    'two ends': [4, 1, 5, 0, 0, 0, 0],
    'another inside': [0x30, 0x80, 0, 0, 0, 0],
    'another inside, and something behind it': [0x30, 0x80, 4, 1, 5, 0, 0, 4, 1, 5, 0, 0],
    'two others, one in the other': [0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0, 0, 0],
    'two others, side by side': [0x30, 0x80, 0, 0, 0x30, 0x80, 0, 0, 0, 0],
    'another inside, without its end': [0x30, 0x80, 0, 0],
    'a primitive one inside': [4, 0x80, 0, 0, 0, 0],
    'a primitive one of class context': [0x80, 0x80, 0, 0, 0, 0],
    'a constructed one of class context': [0xa0, 0x80, 0, 0, 0, 0],
    'a long tag': [0x1f, 5, 1, 5, 0, 0],
    'a long tag of two octets': [0x1f, 0x85, 5, 1, 5, 0, 0],
    'a long tag of four octets': [0x1f, 0x85, 0x85, 0x85, 5, 1, 5, 0, 0],
    'a long tag without end': [0x1f, 0x85, 0x85, 0x85],
    'a long tag without length': [0x1f, 5],
    'a long tag with a length and nothing more': [0x1f, 5, 0],
    'a long tag, empty, and an end': [0x1f, 5, 0, 0, 0],
    'a long constructed tag of indefinite length': [0x3f, 5, 0x80, 0, 0, 0, 0],
    'a tag alone': [4],
    ...Object.fromEntries(
      [1, 2, 3, 4, 6, 7, 8, 9].map((octets) => [
        `a length in ${octets} octets`,
        [4, 0x80 | octets, ...Array.from({ length: octets - 1 }, () => 0), 1, 5, 0, 0],
      ]),
    ),
    'a length in 7 octets, huge': [4, 0x87, 1, 0, 0, 0, 0, 0, 0, 5, 0, 0],
    'a length in 2 octets, too long': [4, 0x82, 1, 0, 5, 0, 0],
    'a length that takes the end': [4, 3, 5, 0, 0],
    'a length that takes half of the end': [4, 2, 5, 0, 0],
    'a length whose octets are missing': [4, 0x82, 0],
    'a reserved length': [4, 0xff, 0, 0],
  };
  const places: Record<string, (whole: Uint8Array) => Uint8Array> = {
    'an unauthenticated attribute': (whole) =>
      signedFile({ signer: leaf(), unauthenticated: [sequence(oid(UNKNOWN_OID), set(whole))] }),
    'an authenticated attribute': (whole) =>
      signedFile({
        signer: leaf(),
        attributes: (ordinary) => [...ordinary, sequence(oid(UNKNOWN_OID), set(whole))],
      }),
    'the parameters of a digest': (whole) =>
      signedFile({ signer: leaf(), digestAlgorithm: sequence(oid(OID_TABLE.sha256), whole) }),
    'the parameters of a digest, with something behind': (whole) =>
      signedFile({ signer: leaf(), digestAlgorithm: sequence(oid(OID_TABLE.sha256), whole, nullValue()) }),
    'the parameters of what is signed': (whole) =>
      signedFile({ signer: leaf(), indirectData: (data) => changed(data, [0, 1], () => whole) }),
  };
  return Object.entries(places).flatMap(([place, fileOf]) =>
    casesFor(
      Object.entries(contents),
      ([what]) => `${what} in ${place}`,
      ([, octets]) => fileOf(concat([0x30, 0x80], [...octets])),
    ),
  );
}

/** The other fields of a message: versions, identifiers, algorithms, contents. */
export function signedDataCases(): Case[] {
  const versions = [0, 1, 2, 3, 4, 5, 127, 128, 255, 256];
  const skid = (keyId: Uint8Array) => contextPrimitive(0, keyId);
  const file = (recipe: Recipe) => signedFile({ signer: leaf(), ...recipe });
  const { issuer, serial } = leaf().certificate;
  const fileWith = (content: (data: Uint8Array) => readonly Uint8Array[], recipe: Recipe = {}) =>
    file({ content, ...recipe });
  const emptyDigest = (digest: Digest) =>
    attribute(ATTRIBUTE_OIDS.messageDigest, octetString(computeDigest(digest)));
  const contentType = attribute(ATTRIBUTE_OIDS.contentType, oid(CONTENT_OIDS.indirectData));
  return [
    ...versions.flatMap((message) =>
      casesFor(
        versions.slice(0, 6),
        (info) => `SignedData version ${message}, SignerInfo version ${info}`,
        (info) => file({ messageVersion: integer(message), version: integer(info) }),
      ),
    ),
    ...casesOf({
      'SignedData version without octets': () => file({ messageVersion: element(2) }),
      'SignedData version 1 in two octets': () => file({ messageVersion: element(2, Uint8Array.of(0, 1)) }),
      'SignerInfo version without octets': () => file({ version: element(2) }),
      'SignerInfo version 1 in two octets': () => file({ version: element(2, Uint8Array.of(0, 1)) }),
      'versions 3, by key identifier': () =>
        file({ messageVersion: integer(3), version: integer(3), signerId: skid(leaf().certificate.keyId) }),
      'versions 3, by key identifier, the CA': () =>
        signedFile({
          signer: ca(),
          messageVersion: integer(3),
          version: integer(3),
          signerId: skid(ca().certificate.keyId),
        }),
      'versions 3, by key identifier, the CA, not embedded': () =>
        signedFile({
          signer: ca(),
          certificates: [],
          messageVersion: integer(3),
          version: integer(3),
          signerId: skid(ca().certificate.keyId),
        }),
      'versions 3, by the key identifier of another': () =>
        signedFile({
          signer: stranger(),
          certificates: [],
          messageVersion: integer(3),
          version: integer(3),
          signerId: skid(ca().certificate.keyId),
        }),
      'versions 3, by issuer and serial number': () =>
        file({ messageVersion: integer(3), version: integer(3) }),
      'versions 3, by an empty key identifier': () =>
        file({ messageVersion: integer(3), version: integer(3), signerId: skid(new Uint8Array()) }),
      'versions 3, by serial number and issuer as key identifier': () =>
        file({
          messageVersion: integer(3),
          version: integer(3),
          signerId: skid(concat(contentsOfElement(serial), contentsOfElement(issuer))),
        }),
      'versions 1, by key identifier': () => file({ signerId: skid(leaf().certificate.keyId) }),
      'versions 1, by key identifier, the CA, not embedded': () =>
        signedFile({ signer: ca(), certificates: [], signerId: skid(ca().certificate.keyId) }),
      'another serial number': () => file({ signerId: sequence(issuer, integer(1)) }),
      'another issuer': () => file({ signerId: sequence(leaf().certificate.subject, serial) }),
      'no issuer': () => file({ signerId: sequence(sequence(), serial) }),
      'the serial number with a zero before': () =>
        file({ signerId: sequence(issuer, element(2, concat([0], contentsOfElement(serial)))) }),
      'no octets in the serial number': () => file({ signerId: sequence(issuer, element(2)) }),
      'nothing but empty names': () => file({ signerId: sequence(sequence(), element(2)) }),
      'issuer and serial number of the CA': () =>
        file({ signerId: sequence(ca().certificate.issuer, ca().certificate.serial) }),
      'issuer and serial number of a second signer': () =>
        file({
          certificates: [leaf().certificate.der, secondSigner().certificate.der],
          signerId: sequence(secondSigner().certificate.issuer, secondSigner().certificate.serial),
        }),
      'no digest algorithms': () => file({ digestAlgorithms: set() }),
      'digest algorithms in a SEQUENCE': () =>
        file({ digestAlgorithms: sequence(digestAlgorithm('sha256')) }),
      'another digest algorithm': () => file({ digestAlgorithms: set(digestAlgorithm('sha1')) }),
      'an unknown digest algorithm': () => file({ digestAlgorithms: set(sequence(oid(UNKNOWN_OID))) }),
      'digest algorithms without parameters': () =>
        file({
          digestAlgorithms: set(sequence(contentsOfElement(digestAlgorithm('sha256')).subarray(0, 11))),
        }),
      'ten digest algorithms': () =>
        file({ digestAlgorithms: set(...Array.from({ length: 10 }, () => digestAlgorithm('sha256'))) }),
      'digest algorithm without parameters': () => file({ digestAlgorithm: sequence(oid(OID_TABLE.sha256)) }),
      'digest algorithm with odd parameters': () =>
        file({ digestAlgorithm: sequence(oid(OID_TABLE.sha256), boolean(true)) }),
      'digest algorithm with two parameters': () =>
        file({ digestAlgorithm: sequence(oid(OID_TABLE.sha256), nullValue(), nullValue()) }),
      'certificates in [2]': () =>
        attachMessage(
          buildImage(),
          mutated([1, 0, 3], (whole) => element(0xa2, contentsOfElement(whole))),
        ),
      'certificates in [1]': () =>
        attachMessage(
          buildImage(),
          mutated([1, 0, 3], (whole) => element(0xa1, contentsOfElement(whole))),
        ),
      'certificates in [3]': () =>
        attachMessage(
          buildImage(),
          mutated([1, 0, 3], (whole) => element(0xa3, contentsOfElement(whole))),
        ),
      'certificates and certificates': () => file({ crls: context(0, signer().certificate.der) }),
      'certificates and certificates in [2]': () => file({ crls: context(2, signer().certificate.der) }),
      'empty certificates': () => file({ certificates: [], crls: context(0) }),
      'a PKCS#6 certificate': () =>
        file({ crls: context(0, context(0, contentsOfElement(signer().certificate.der))) }),
      'an empty certificate': () => file({ certificates: [leaf().certificate.der, sequence()] }),
      'no certificate but NULL': () => file({ certificates: [leaf().certificate.der, nullValue()] }),
      'a certificate in indefinite length': () =>
        file({ certificates: [concat([0x30, 0x80], contentsOfElement(leaf().certificate.der), [0, 0])] }),
      'a certificate with a byte behind': () => file({ certificates: [concat(leaf().certificate.der, [0])] }),
      'CRLs in [1], empty': () => file({ crls: context(1) }),
      'CRLs in [1], a list of none': () => file({ crls: context(1, sequence()) }),
      'CRLs in [1], a list of a certificate': () =>
        file({ crls: context(1, sequence(signer().certificate.der)) }),
      'CRLs in [1], a list of rubbish': () => file({ crls: context(1, sequence(utf8String('x'))) }),
      'CRLs in [3]': () => file({ crls: context(3, sequence(signer().certificate.der)) }),
      'the certificate among the CRLs': () =>
        file({ certificates: [], crls: context(1, sequence(leaf().certificate.der)) }),
      'unauthenticated attributes': () =>
        file({ unauthenticated: [attribute(UNKNOWN_OID, utf8String('x'))] }),
      'unauthenticated attributes without values': () => file({ unauthenticated: [attribute(UNKNOWN_OID)] }),
      'unauthenticated rubbish': () => file({ unauthenticated: [utf8String('x')] }),
      'unauthenticated attributes in [3]': () =>
        attachMessage(
          buildImage(),
          changed(
            signedMessage({ signer: leaf(), unauthenticated: [attribute(UNKNOWN_OID, utf8String('x'))] }),
            [1, 0, 4, 0, 6],
            (whole) => element(0xa3, contentsOfElement(whole)),
          ),
        ),
      'no content': () => fileWith(() => [], { attributes: () => [contentType, emptyDigest('sha256')] }),
      'no content, the digest of one': () => fileWith(() => []),
      'empty [0] for content': () =>
        fileWith(() => [context(0)], { attributes: () => [contentType, emptyDigest('sha256')] }),
      'content twice': () => fileWith((data) => [context(0, data, data)]),
      'content in [1]': () => fileWith((data) => [context(1, data)]),
      'content as OCTET STRING': () => file({ indirectData: (data) => octetString(data) }),
      'content as OCTET STRING of its contents': () =>
        file({ indirectData: (data) => octetString(contentsOfElement(data)) }),
      'content in indefinite length': () =>
        file({ indirectData: (data) => concat([0x30, 0x80], contentsOfElement(data), [0, 0]) }),
      'content of another length form': () =>
        file({
          indirectData: (data) =>
            concat([0x30, 0x82, 0, contentsOfElement(data).length], contentsOfElement(data)),
        }),
      'content NULL': () => file({ indirectData: () => nullValue() }),
      'an empty SEQUENCE for content': () => file({ indirectData: () => sequence() }),
      'content data': () => file({ contentType: CONTENT_OIDS.data }),
      'content data, without attributes': () => file({ contentType: CONTENT_OIDS.data, bare: true }),
      'content data, a signer with attributes and one without': () =>
        file({ contentType: CONTENT_OIDS.data, signers: [{}, { bare: true }] }),
      'content data, a signer without attributes and one with': () =>
        file({ contentType: CONTENT_OIDS.data, signers: [{ bare: true }, {}] }),
      'content data with opusInfo': () =>
        file({
          contentType: CONTENT_OIDS.data,
          attributes: (ordinary) => [...ordinary, attribute(ATTRIBUTE_OIDS.opusInfo, sequence())],
        }),
      'content data with smimeCapabilities': () =>
        file({
          contentType: CONTENT_OIDS.data,
          attributes: (ordinary) => [...ordinary, attribute(ATTRIBUTE_OIDS.smimeCapabilities, sequence())],
        }),
      'content data, by a stranger': () => file({ contentType: CONTENT_OIDS.data, signer: stranger() }),
      'content signedData': () => file({ contentType: CONTENT_OIDS.signedData }),
      'content unknown': () => file({ contentType: UNKNOWN_OID }),
      'a digest of the image that is empty': () =>
        file({ indirectData: () => indirectData('sha256', new Uint8Array()) }),
      'a digest of the image of 31 bytes': () =>
        file({ indirectData: () => indirectData('sha256', peDigest(buildImage(), 'sha256').subarray(1)) }),
      'a digest of the image of 33 bytes': () =>
        file({ indirectData: () => indirectData('sha256', concat(peDigest(buildImage(), 'sha256'), [0])) }),
      'a digest of the image by another algorithm': () =>
        file({ indirectData: () => indirectData('sha512', peDigest(buildImage(), 'sha256')) }),
      'a digest of another image': () =>
        file({ indirectData: () => indirectData('sha256', new Uint8Array(32)) }),
      'a digest of another image, by a stranger': () =>
        file({ signer: stranger(), indirectData: () => indirectData('sha256', new Uint8Array(32)) }),
      'bytes behind the content': () =>
        file({ indirectData: (data) => sequence(contentsOfElement(data), nullValue()) }),
    }),
  ];
}

/** Several signers, good and bad. */
export function signerCases(): Case[] {
  const good: SignerRecipe = { signer: leaf() };
  const other: SignerRecipe = { signer: secondSigner() };
  const strange: SignerRecipe = { signer: stranger() };
  const ec: SignerRecipe = { signer: ecSigner('p256') };
  const wrong: SignerRecipe = { signer: leaf(), sign: () => leaf().key.sign('sha256', Buffer.from('x')) };
  const sm3: SignerRecipe = { signer: leaf(), digestAlgorithm: sequence(oid(OID_TABLE.sm3)) };
  const ecrdsa: SignerRecipe = {
    signer: leaf(),
    signatureAlgorithm: sequence(oid(OID_TABLE['gost2012 key 256'])),
  };
  const sha512: SignerRecipe = { signer: leaf(), digest: 'sha512' };
  const bare: SignerRecipe = { signer: leaf(), bare: true };
  const unnamed: SignerRecipe = { signer: leaf(), signerId: sequence(leaf().certificate.issuer, integer(5)) };
  const late: SignerRecipe = {
    signer: leaf(),
    attributes: (ordinary) => [...ordinary, attribute(ATTRIBUTE_OIDS.signingTime, utcTime('000101000000Z'))],
  };
  const table = { good, other, strange, ec, wrong, sm3, ecrdsa, sha512, bare, unnamed, late };
  const names = Object.keys(table) as (keyof typeof table)[];
  const all = [leaf(), secondSigner(), stranger(), ecSigner('p256')].map(
    ({ certificate }) => certificate.der,
  );
  const file = (signers: readonly SignerRecipe[]) => signedFile({ certificates: all, signers });
  return [
    ...casesFor(
      names,
      (name) => `${name} alone`,
      (name) => file([table[name]]),
    ),
    ...names.flatMap((first) =>
      casesFor(
        names,
        (second) => `${first}, then ${second}`,
        (second) => file([table[first], table[second]]),
      ),
    ),
    ...casesOf({
      'no signers': () => file([]),
      'no signers, no certificates': () => signedFile({ certificates: [], signers: [] }),
      'signers in a SEQUENCE': () =>
        attachMessage(
          buildImage(),
          mutated([1, 0, 4], (whole) => element(0x30, contentsOfElement(whole))),
        ),
      'three strangers and a good one': () => file([strange, strange, strange, good]),
      'twenty good ones': () => file(Array.from({ length: 20 }, () => good)),
      'by key identifier, then without': () =>
        signedFile({
          certificates: all,
          messageVersion: integer(3),
          signers: [
            { signer: ca(), version: integer(3), signerId: contextPrimitive(0, ca().certificate.keyId) },
            { signer: leaf(), version: integer(3) },
          ],
        }),
    }),
  ];
}

/** Every known object identifier, in every place where it matters. */
export function oidCases(): Case[] {
  const ec = ecSigner('p256');
  const places: Record<string, (value: Uint8Array) => Uint8Array> = {
    "the message's type": (value) =>
      attachMessage(
        buildImage(),
        mutated([0], () => value),
      ),
    "the content's type": (value) =>
      attachMessage(
        buildImage(),
        changed(
          signedMessage({
            signer: leaf(),
            attributes: ([, digest]) => [attribute(ATTRIBUTE_OIDS.contentType, value), digest as Uint8Array],
          }),
          [1, 0, 2, 0],
          () => value,
        ),
      ),
    'the digest of the attributes': (value) =>
      signedFile({ signer: leaf(), digestAlgorithm: sequence(value, nullValue()) }),
    'the signature by RSA': (value) =>
      signedFile({ signer: leaf(), signatureAlgorithm: sequence(value, nullValue()) }),
    'the signature by ECDSA': (value) => signedFile({ signer: ec, signatureAlgorithm: sequence(value) }),
    'an attribute': (value) =>
      signedFile({
        signer: leaf(),
        attributes: (ordinary) => [...ordinary, sequence(value, set(nullValue()))],
      }),
    'what is signed': (value) =>
      signedFile({ signer: leaf(), indirectData: (data) => changed(data, [0, 0], () => value) }),
    'the digest of the image': (value) =>
      signedFile({ signer: leaf(), indirectData: (data) => changed(data, [1, 0, 0], () => value) }),
  };
  return Object.entries(places).flatMap(([place, fileOf]) =>
    casesFor(
      OID_NAMES,
      (name) => `${name} for ${place}`,
      (name) => fileOf(oid(OID_TABLE[name])),
    ),
  );
}

/** The message of an ordinary signature, changed in one place afterwards. */
function mutated(path: readonly number[], change: (whole: Uint8Array) => Uint8Array): Uint8Array {
  return changed(signedMessage({ signer: leaf() }), path, change);
}

function nested(depth: number): Uint8Array {
  return depth === 0 ? nullValue() : sequence(nested(depth - 1));
}

function nestedIndefinitely(depth: number): Uint8Array {
  return concat(...Array.from({ length: depth }, () => [0x30, 0x80]), new Uint8Array(2 * depth));
}
