import { bitString, element, integer, nullValue, octetString, oid, sequence } from '../../support/der.js';
import {
  type Curve,
  computeDigest,
  digestAlgorithm,
  ecPublicKeyInfo,
  type RsaTestKey,
  rsaPublicKeyInfo,
} from '../../support/test-keys.js';
import { contentsOfElement, signedFile, signedMessage } from '../authenticode.js';
import { type Case, casesFor, casesOf } from '../case.js';
import { issue } from '../certificates.js';
import { ca, ecSigner, intermediate, leaf, rsaKey } from '../identities.js';
import { changeAt, concat, elementAt, mutateDer } from '../mutations.js';
import { OID_TABLE } from '../oids.js';

/** RSA keys of many forms. */
export function rsaKeyCases(): Case[] {
  const key = rsaKey('leaf');
  const rsaPublicKey = elementAt(key.publicKeyInfo, [1, 0]);
  const modulus = elementAt(rsaPublicKey, [0]);
  const number = contentsOfElement(modulus);
  const exponent = integer(65537);
  const keys: Record<string, Uint8Array> = {
    'exponent 0': sequence(modulus, integer(0)),
    'exponent 1': sequence(modulus, integer(1)),
    'exponent 2': sequence(modulus, integer(2)),
    'exponent 3': sequence(modulus, integer(3)),
    'the exponent with a zero before': sequence(modulus, element(2, Uint8Array.of(0, 1, 0, 1))),
    'an exponent as long as the modulus': sequence(modulus, modulus),
    'an exponent longer than the modulus': sequence(modulus, element(2, concat([0, 0], number))),
    'the modulus negative': sequence(element(2, number.subarray(1)), exponent),
    'the modulus with zeros before': sequence(element(2, concat(new Uint8Array(9), number)), exponent),
    'modulus 0': sequence(integer(0), exponent),
    'modulus 1': sequence(integer(1), exponent),
    'modulus of 8 bytes': sequence(integer(0xfedcba9876543211n), integer(3)),
    'modulus of 2056 bits': sequence(element(2, concat([0x7f], number)), exponent),
    'modulus of 8192 bits': sequence(element(2, concat([0], new Uint8Array(1024).fill(0xf1))), exponent),
    'modulus even': sequence(element(2, concat(number.subarray(0, -1), [0])), exponent),
    'a third number': sequence(modulus, exponent, integer(5)),
    'bytes behind': concat(sequence(modulus, exponent), [1, 2, 3]),
    'modulus alone': sequence(modulus),
    empty: new Uint8Array(),
    'an empty SEQUENCE': sequence(),
    rubbish: Uint8Array.of(1, 2, 3),
  };
  const file = (publicKeyInfo: Uint8Array) =>
    signedFile({ signer: issue('leaf', key, intermediate(), { fields: { publicKeyInfo } }) });
  return [
    ...casesFor(
      mutateDer(rsaPublicKey),
      ({ name }) => name,
      ({ bytes }) => file(rsaPublicKeyInfo(bytes)),
    ),
    ...casesFor(
      Object.entries(keys),
      ([name]) => name,
      ([, bytes]) => file(rsaPublicKeyInfo(bytes)),
    ),
    ...casesOf({
      'unused bits': () =>
        file(
          changeAt(key.publicKeyInfo, [1], (whole) =>
            element(3, concat([1], contentsOfElement(whole).subarray(1))),
          ),
        ),
      'an empty BIT STRING': () => file(changeAt(key.publicKeyInfo, [1], () => element(3))),
      'no bits': () => file(changeAt(key.publicKeyInfo, [1], () => bitString(new Uint8Array()))),
      'without parameters': () =>
        file(sequence(sequence(oid(OID_TABLE.rsaEncryption)), elementAt(key.publicKeyInfo, [1]))),
      'with two parameters': () =>
        file(
          sequence(
            sequence(oid(OID_TABLE.rsaEncryption), nullValue(), nullValue()),
            elementAt(key.publicKeyInfo, [1]),
          ),
        ),
      'the key of another': () => file(rsaKey('somebody').publicKeyInfo),
      'a wrong key for an untrusted signer': () =>
        signedFile({
          signer: issue(
            'leaf',
            key,
            { key: rsaKey('somebody'), certificate: leaf().certificate },
            {
              fields: { publicKeyInfo: rsaPublicKeyInfo(Uint8Array.of(1, 2, 3)) },
            },
          ),
        }),
    }),
  ];
}

/** Paddings and contents of RSA signatures. */
export function rsaSignatureCases(): Case[] {
  const key = leaf().key as RsaTestKey;
  const info = (digest: Uint8Array, algorithm = digestAlgorithm('sha256')) =>
    sequence(algorithm, octetString(digest));
  const digest = (signed: Uint8Array) => computeDigest('sha256', signed);
  const block = (
    signed: Uint8Array,
    head: readonly number[],
    fill: number,
    tail?: Uint8Array,
  ): Uint8Array => {
    const rest = tail ?? info(digest(signed));
    const padding = new Uint8Array(Math.max(0, key.size - head.length - 1 - rest.length)).fill(fill);
    return concat(head as number[], padding, [0], rest).subarray(0, key.size);
  };
  const file = (sign: (signed: Uint8Array) => Uint8Array) => signedFile({ signer: leaf(), sign });
  const infos: Record<string, (signed: Uint8Array) => Uint8Array> = {
    ordinary: (signed) => info(digest(signed)),
    'without parameters': (signed) => info(digest(signed), sequence(oid(OID_TABLE.sha256))),
    'the digest alone': (signed) => digest(signed),
    'said to be sha512': (signed) => info(digest(signed), digestAlgorithm('sha512')),
    'a sha1 digest': (signed) => info(computeDigest('sha1', signed), digestAlgorithm('sha1')),
    'a byte behind': (signed) => concat(info(digest(signed)), [0]),
    'a byte less': (signed) => info(digest(signed)).subarray(0, -1),
    'a digest of 31 bytes': (signed) => info(digest(signed).subarray(1)),
    'a digest of 33 bytes': (signed) => info(concat(digest(signed), [0])),
    'another digest': () => info(new Uint8Array(32)),
    'length in more octets': (signed) => concat([0x30, 0x81, 0x31], contentsOfElement(info(digest(signed)))),
    nothing: () => new Uint8Array(),
  };
  const raw: Record<string, (signed: Uint8Array) => Uint8Array> = {
    'of type 0': (signed) => block(signed, [0, 0], 0xff),
    'of type 2': (signed) => block(signed, [0, 2], 0xff),
    'of type 1, its first byte not 0': (signed) => block(signed, [1, 1], 0xff),
    'padded with 0xfe': (signed) => block(signed, [0, 1], 0xfe),
    'padded with 0': (signed) => block(signed, [0, 1], 0),
    'padded with 7 bytes, then rubbish': (signed) =>
      concat(
        [0, 1],
        new Uint8Array(7).fill(0xff),
        [0],
        info(digest(signed)),
        new Uint8Array(key.size),
      ).subarray(0, key.size),
    'padded with 8 bytes, then rubbish': (signed) =>
      concat(
        [0, 1],
        new Uint8Array(8).fill(0xff),
        [0],
        info(digest(signed)),
        new Uint8Array(key.size),
      ).subarray(0, key.size),
    'without a 0 behind the padding': (signed) =>
      concat([0, 1], new Uint8Array(key.size - 53).fill(0xff), info(digest(signed))).subarray(0, key.size),
    'nothing but padding': () => concat([0, 1], new Uint8Array(key.size - 2).fill(0xff)),
    zero: () => new Uint8Array(key.size),
    one: () => concat(new Uint8Array(key.size - 1), [1]),
  };
  const sizes: Record<string, (good: Uint8Array) => Uint8Array> = {
    empty: () => new Uint8Array(),
    'one byte': () => Uint8Array.of(1),
    'a zero before': (good) => concat([0], good),
    'a zero behind': (good) => concat(good, [0]),
    'a byte less': (good) => good.subarray(1),
    'all ones': (good) => new Uint8Array(good.length).fill(0xff),
    'all zeros': (good) => new Uint8Array(good.length),
    one: (good) => concat(new Uint8Array(good.length - 1), [1]),
    'the modulus': () => contentsOfElement(elementAt(key.publicKeyInfo, [1, 0, 0])).subarray(1),
    'the modulus less 1': () =>
      lessOne(contentsOfElement(elementAt(key.publicKeyInfo, [1, 0, 0])).subarray(1)),
    'its bits in reverse': (good) => Uint8Array.from(good).reverse(),
  };
  const short = issue('rsa 2040', rsaKey('signer', 2040), ca());
  return [
    ...casesFor(
      Object.entries(infos),
      ([name]) => `DigestInfo ${name}`,
      ([, make]) => file((signed) => key.signDigestInfo(make(signed))),
    ),
    ...casesFor(
      Object.entries(raw),
      ([name]) => `a block ${name}`,
      ([, make]) => file((signed) => key.signBlock(make(signed))),
    ),
    ...casesFor(
      Object.entries(sizes),
      ([name]) => `a signature of ${name}`,
      ([, change]) => file((signed) => change(key.sign('sha256', signed))),
    ),
    ...casesOf({
      'a key of 255 bytes, a signature of 256': () =>
        signedFile({ signer: short, sign: (signed) => concat([0], short.key.sign('sha256', signed)) }),
      'a key of 255 bytes, a signature padded for 256': () =>
        signedFile({
          signer: short,
          sign: (signed) =>
            concat([0], (short.key as RsaTestKey).signBlock(block(signed, [0, 1], 0xff).subarray(1))),
        }),
    }),
  ];
}

function lessOne(number: Uint8Array): Uint8Array {
  return concat(number.subarray(0, -1), [(number.at(-1) ?? 0) - 1]);
}

/** ECDSA keys of many forms. */
export function ecKeyCases(): Case[] {
  const { key } = ecSigner('p256');
  const point = contentsOfElement(elementAt(key.publicKeyInfo, [1])).subarray(1);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)];
  const p384 = contentsOfElement(elementAt(ecSigner('p384').key.publicKeyInfo, [1])).subarray(1);
  const prime = Buffer.from('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff', 'hex');
  const points: Record<string, Uint8Array> = {
    compressed: concat([2 + ((y.at(-1) ?? 0) & 1)], x),
    hybrid: concat([6 + ((y.at(-1) ?? 0) & 1)], x, y),
    infinity: Uint8Array.of(0),
    '4 alone': Uint8Array.of(4),
    empty: new Uint8Array(),
    'without 4': concat(x, y),
    'a byte less': point.subarray(0, -1),
    'a byte more': concat(point, [0]),
    'two bytes less': concat([4], x.subarray(1), y.subarray(1)),
    'two bytes more': concat([4], [0], x, [0], y),
    'seven bytes more each': concat([4], new Uint8Array(7), x, new Uint8Array(7), y),
    zeros: concat([4], new Uint8Array(64)),
    'x and y swapped': concat([4], y, x),
    'y another': concat([4], x, lessOne(y)),
    'x as large as the prime': concat([4], prime, y),
    'the negative': concat([4], x, subtract(prime, y)),
    'of P-384': p384,
  };
  const file = (publicKeyInfo: Uint8Array, change = (tbs: Uint8Array) => tbs) =>
    signedFile({ signer: issue('ec leaf', key, intermediate(), { fields: { publicKeyInfo }, change }) });
  const curveOfSignature = (tbs: Uint8Array) =>
    changeAt(tbs, [2], () => sequence(oid(OID_TABLE.sha256WithRSAEncryption), oid(OID_TABLE.prime256v1)));
  const parameters: Record<string, readonly Uint8Array[]> = {
    'no parameters': [],
    NULL: [nullValue()],
    'an empty OID': [element(6)],
    'an OID of one byte': [element(6, Uint8Array.of(42))],
    'two curves': [oid(OID_TABLE.prime256v1), oid(OID_TABLE.prime256v1)],
    'a curve in a SEQUENCE': [sequence(oid(OID_TABLE.prime256v1))],
    'P-384': [oid(OID_TABLE.secp384r1)],
    'the length in more octets': [concat([6, 0x81, 8], contentsOfElement(oid(OID_TABLE.prime256v1)))],
    'explicit parameters': [sequence(integer(1), sequence(oid('1.2.840.10045.1.1'), integer(5)))],
  };
  return [
    ...casesFor(
      Object.entries(points),
      ([name]) => `point ${name}`,
      ([, bytes]) => file(ecPublicKeyInfo('p256', bytes)),
    ),
    ...casesFor(
      Object.entries(parameters),
      ([name]) => `parameters: ${name}`,
      ([, values]) => file(sequence(sequence(oid(OID_TABLE['id-ecPublicKey']), ...values), bitString(point))),
    ),
    ...casesFor(
      ['p192', 'p384', 'p521'] as const,
      (curve) => `a point of P-256 on ${curve}`,
      (curve) => file(ecPublicKeyInfo(curve, point)),
    ),
    {
      name: 'parameters: none but those of the signature',
      file: file(sequence(sequence(oid(OID_TABLE['id-ecPublicKey'])), bitString(point)), curveOfSignature),
    },
  ];
}

const ORDERS: Readonly<Record<'p256' | 'p521', string>> = {
  p256: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  p521: `01${'ff'.repeat(32)}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`,
};

/** Encodings of ECDSA signatures, and the numbers in them. */
export function ecSignatureCases(): Case[] {
  return [...signaturesOn('p256', true), ...signaturesOn('p521', false), ...certificateSignatures()];
}

function signaturesOn(curve: Curve & keyof typeof ORDERS, everyMutation: boolean): Case[] {
  const signer = issue(`ec leaf ${curve}`, ecSigner(curve).key, intermediate());
  const order = Buffer.from(ORDERS[curve], 'hex');
  const file = (change: (good: Uint8Array) => Uint8Array) =>
    signedFile({ signer, sign: (signed) => change(signer.key.sign('sha256', signed)) });
  const numbers = (change: (r: Uint8Array, s: Uint8Array) => readonly Uint8Array[]) =>
    file((good) => sequence(...change(elementAt(good, [0]), elementAt(good, [1]))));
  const padded = (number: Uint8Array, count: number) =>
    element(2, concat(new Uint8Array(count), contentsOfElement(number)));
  // By RFC 6979, equal bytes have equal signatures, so the signature can be changed before there is a file.
  const good = contentsOfElement(elementAt(signedMessage({ signer }), [1, 0, 4, 0, 5]));
  const mutations = casesFor(
    everyMutation ? mutateDer(good) : [],
    ({ name }) => `${curve}, ${name}`,
    ({ bytes }) => file(() => bytes),
  );
  const table = casesOf({
    good: () => file((good) => good),
    'r 0': () => numbers((_, s) => [integer(0), s]),
    's 0': () => numbers((r) => [r, integer(0)]),
    'both 0': () => numbers(() => [integer(0), integer(0)]),
    'r 1, s 1': () => numbers(() => [integer(1), integer(1)]),
    'r the order': () => numbers((_, s) => [unsigned(order), s]),
    's the order': () => numbers((r) => [r, unsigned(order)]),
    'the other s': () => numbers((r, s) => [r, unsigned(subtract(order, contentsOfElement(s)))]),
    'r and s swapped': () => numbers((r, s) => [s, r]),
    'r without the zero before it': () => numbers((r, s) => [element(2, stripped(contentsOfElement(r))), s]),
    's without the zero before it': () => numbers((r, s) => [r, element(2, stripped(contentsOfElement(s)))]),
    'r with a zero before': () => numbers((r, s) => [padded(r, 1), s]),
    's with a zero before': () => numbers((r, s) => [r, padded(s, 1)]),
    'r with two zeros before': () => numbers((r, s) => [padded(r, 2), s]),
    'r with 8 zeros before': () => numbers((r, s) => [padded(r, 8), s]),
    'r with a one before': () => numbers((r, s) => [element(2, concat([1], contentsOfElement(r))), s]),
    'r of 73 bytes': () => numbers((_, s) => [element(2, concat([0], new Uint8Array(72).fill(0x7f))), s]),
    'r of 74 bytes': () => numbers((_, s) => [element(2, concat([0, 0], new Uint8Array(72).fill(0x7f))), s]),
    'r empty': () => numbers((_, s) => [element(2), s]),
    'r alone': () => numbers((r) => [r]),
    'three numbers': () => numbers((r, s) => [r, s, s]),
    'bytes behind': () => file((good) => concat(good, [1, 2, 3])),
    empty: () => file(() => new Uint8Array()),
    'an empty SEQUENCE': () => file(() => sequence()),
    'r and s next to each other': () =>
      file((good) =>
        concat(
          stripped(contentsOfElement(elementAt(good, [0]))),
          stripped(contentsOfElement(elementAt(good, [1]))),
        ),
      ),
  });
  return [...mutations, ...table.map(({ name, file }) => ({ name: `${curve}, ${name}`, file }))];
}

/** The same in certificates: signatures of the CA. */
function certificateSignatures(): Case[] {
  const good = issue('signer', rsaKey('signer'), ca());
  const file = (change: (signature: Uint8Array) => Uint8Array) =>
    signedFile({
      certificates: [
        changeAt(good.certificate.der, [2], (whole) =>
          bitString(change(contentsOfElement(whole).subarray(1))),
        ),
      ],
    });
  return casesOf({
    "the CA's, as it is": () => file((signature) => signature),
    "the CA's, r 0": () => file((signature) => sequence(integer(0), elementAt(signature, [1]))),
    "the CA's, r and s swapped": () =>
      file((signature) => sequence(elementAt(signature, [1]), elementAt(signature, [0]))),
    "the CA's, bytes behind": () => file((signature) => concat(signature, [0])),
    "the CA's, a byte less": () => file((signature) => signature.subarray(0, -1)),
    "the CA's, empty": () => file(() => new Uint8Array()),
    "the CA's, of indefinite length": () =>
      file((signature) => concat([0x30, 0x80], contentsOfElement(signature), [0, 0])),
  });
}

function unsigned(number: Uint8Array): Uint8Array {
  const digits = stripped(number);
  return element(2, (digits[0] ?? 0) < 0x80 ? digits : concat([0], digits));
}

function stripped(number: Uint8Array): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array(1) : number.subarray(first);
}

/** a - b, as long as a. */
function subtract(a: Uint8Array, b: Uint8Array): Uint8Array {
  const value = BigInt(`0x${Buffer.from(a).toString('hex')}`) - BigInt(`0x${Buffer.from(b).toString('hex')}`);
  return Buffer.from(value.toString(16).padStart(a.length * 2, '0'), 'hex');
}
