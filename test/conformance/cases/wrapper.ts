import { context, element, encodeLength, octetString, sequence } from '../../support/der.js';
import { attribute, contentsOfElement, signedMessage } from '../authenticode.js';
import { type Case, casesFor, casesOf } from '../case.js';
import { secondSigner, stranger } from '../identities.js';
import {
  attach,
  buildImage,
  encodeWinCertificate,
  filler,
  type WinCertificate,
  withDirectory,
} from '../image.js';
import { concat } from '../mutations.js';

const UNKNOWN_OID = '1.3.6.1.4.1.99999.1';

/** The certificate table: its entries, and the bytes around the PKCS#7 message in the first. */
export function wrapperCases(): Case[] {
  const image = buildImage();
  const message = signedMessage();
  const size = 8 + message.length;
  const one = (certificate: Partial<WinCertificate>) => attach(image, [{ bytes: message, ...certificate }]);
  const padded = Math.ceil(size / 8) * 8;
  const lengths = [
    0,
    1,
    4,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    0x100,
    size - 9,
    size - 8,
    size - 1,
    size + 1,
    padded,
    padded + 1,
  ];
  return [
    ...casesFor(
      [...lengths, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff],
      (length) => `dwLength ${length}`,
      (length) => one({ length }),
    ),
    ...casesFor(
      [0, 1, 0x0100, 0x01ff, 0x0201, 0x0300, 0x8200, 0xffff],
      (revision) => `wRevision ${revision}`,
      (revision) => one({ revision }),
    ),
    ...casesFor(
      [0, 1, 3, 4, 0x0ef0, 0x0ef1, 0x0200, 0x8002, 0xffff],
      (type) => `wCertificateType ${type}`,
      (type) => one({ type }),
    ),
    ...casesOf({
      'revision and type wrong': () => one({ revision: 0x0100, type: 1 }),
      'length and revision wrong': () => one({ length: 0x10000, revision: 0x0100 }),
      'length too short and type wrong': () => one({ length: 9, type: 1 }),
    }),
    ...outerEncodings(image, message),
    ...tables(image, message),
    ...sizes(),
  ];
}

/** How the outermost SEQUENCE is encoded. */
function outerEncodings(image: Uint8Array, message: Uint8Array): Case[] {
  const contents = contentsOfElement(message);
  const encodings: Record<string, Uint8Array> = {
    'no SEQUENCE': concat([0x31], message.subarray(1)),
    'an OCTET STRING': octetString(message),
    'indefinite length': concat([0x30, 0x80], contents, [0, 0]),
    'indefinite length, unfinished': concat([0x30, 0x80], contents),
    'indefinite length, finished wrongly': concat([0x30, 0x80], contents, [0, 1]),
    'length in 3 octets': concat([0x30], encodeLength(contents.length, 3), contents),
    'length in 4 octets': concat([0x30], encodeLength(contents.length, 4), contents),
    'length of length 127': concat([0x30, 0xff], contents),
    'length a byte too long': concat([0x30], encodeLength(contents.length + 1), contents),
    'length a byte too short': concat([0x30], encodeLength(contents.length - 1), contents),
    'length in 1 octet, short': concat([0x30, 0x10], contents),
    'length in 2 octets, short': concat([0x30, 0x81, 0xff], contents),
    'four bytes': Uint8Array.of(0x30, 2, 5, 0),
    'four bytes, too long': Uint8Array.of(0x30, 3, 5, 0),
    'a NUL before': concat([0], message),
    'a byte behind': concat(message, [0]),
    'rubbish behind': concat(message, filler('rubbish', 100)),
    'the message twice': concat(message, message),
    'in another SEQUENCE': sequence(message),
    'the SignedData alone': contentsOfElement(contents.subarray(11)),
  };
  return casesFor(
    Object.entries(encodings),
    ([name]) => name,
    ([, bytes]) => attach(image, [{ bytes }]),
  );
}

/** Several entries, and bytes between, before and after them. */
function tables(image: Uint8Array, message: Uint8Array): Case[] {
  const good: WinCertificate = { bytes: message };
  const strange: WinCertificate = { bytes: signedMessage({ signer: stranger() }) };
  const other: WinCertificate = { bytes: signedMessage({ signer: secondSigner() }) };
  const x509: WinCertificate = { bytes: filler('x509', 64), type: 1 };
  const behind = (file: Uint8Array, ...bytes: Uint8Array[]) => concat(file, ...bytes);
  const file = attach(image, [good]);
  return casesOf({
    'good, then a stranger': () => attach(image, [good, strange]),
    'a stranger, then good': () => attach(image, [strange, good]),
    'good, then another good': () => attach(image, [good, other]),
    'good twice': () => attach(image, [good, good]),
    'good, then of another type': () => attach(image, [good, x509]),
    'of another type, then good': () => attach(image, [x509, good]),
    'an empty entry, then good': () => attach(image, [{ bytes: new Uint8Array() }, good]),
    'good, then rubbish': () => attach(image, [good, { bytes: filler('x', 16), length: 0xffffffff }]),
    'of another revision, then good': () => attach(image, [{ ...good, revision: 0x0100 }, good]),
    'a second entry that the table leaves out': () =>
      withDirectory(attach(image, [good, other]), image.length, file.length - image.length),
    'a table of a size that is no multiple of 8': () =>
      withDirectory(
        concat(image, encodeWinCertificate(good).subarray(0, 8 + message.length)),
        image.length,
        8 + message.length,
      ),
    'a table of a size that is no multiple of 8, padded': () =>
      withDirectory(file, image.length, 8 + message.length),
    '8 bytes of padding more': () =>
      withDirectory(behind(file, new Uint8Array(8)), image.length, file.length - image.length + 8),
    'padding that is not zero': () =>
      withDirectory(behind(file, filler('padding', 8)), image.length, file.length - image.length + 8),
    'a table that is not at the end': () => behind(file, new Uint8Array(16)),
    'a table that begins at an odd place': () => {
      const table = encodeWinCertificate(good);
      return withDirectory(concat(image, [0], table), image.length + 1, table.length);
    },
    'a table in front of trailing data, signed as if at the end': () => {
      const trailing = filler('trailing', 0x40);
      const signed = signedMessage({ image: buildImage({ trailing }) });
      const table = encodeWinCertificate({ bytes: signed });
      return withDirectory(
        concat(buildImage({ trailing }), table),
        image.length + trailing.length,
        table.length,
      );
    },
  });
}

/** Messages of about the longest length that the kernel's decoder accepts: 65535 bytes. */
function sizes(): Case[] {
  const image = buildImage();
  const sized = (length: number): Uint8Array => {
    const without = signedMessage({ unauthenticated: [stuffing(60000)] }).length - 60000;
    return signedMessage({ unauthenticated: [stuffing(length - without)] });
  };
  return casesFor(
    [1000, 20000, 65534, 65535, 65536, 65538, 65539],
    (length) => `a message of about ${length} bytes`,
    (length) =>
      attach(image, [
        { bytes: length < 60000 ? signedMessage({ unauthenticated: [stuffing(length)] }) : sized(length) },
      ]),
  ).concat(
    casesOf({
      'a message of indefinite length of more than 65535 bytes': () => {
        const contents = contentsOfElement(sized(65530));
        return attach(image, [{ bytes: concat([0x30, 0x80], contents, [0, 0], new Uint8Array(64)) }]);
      },
      'certificates of [0] by the thousand': () =>
        attach(image, [
          {
            bytes: signedMessage({ crls: context(1, ...Array.from({ length: 1000 }, () => element(0x30))) }),
          },
        ]),
    }),
  );
}

function stuffing(length: number): Uint8Array {
  return attribute(UNKNOWN_OID, octetString(new Uint8Array(length)));
}
