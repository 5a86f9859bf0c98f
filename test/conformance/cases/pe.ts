import { attachMessage, indirectData, signedFile, signedMessage } from '../authenticode.js';
import { type Case, casesFor, casesOf } from '../case.js';
import {
  attach,
  buildImage,
  filler,
  layoutOf,
  ordinarySections,
  peDigest,
  type Section,
  u16le,
  u32le,
  withBytes,
  withDirectory,
} from '../image.js';
import { repeatedSections } from './stricter.js';

/** A number in the headers. */
interface Field {
  readonly name: string;
  readonly offset: number;
  readonly width: 2 | 4;
}

/** Every number in the headers of an ordinary image, whether the kernel reads it or not. */
function fieldsOf(image: Uint8Array): Field[] {
  const { pe, optional, certificateEntry, sectionTable, directoryCount } = layoutOf(image);
  const run = (name: string, start: number, widths: readonly (2 | 4)[]): Field[] => {
    let offset = start;
    return widths.map((width) => {
      const field = { name: `${name} +${offset - start}`, offset, width };
      offset += width;
      return field;
    });
  };
  const words = (count: number): 4[] => Array.from({ length: count }, () => 4);
  return [
    ...run('MZ header', 0, [2, 2, ...words(1)]),
    ...run('e_lfanew', 60, [4]),
    ...run('COFF header', pe, [4, 2, 2, 4, 4, 4, 2, 2]),
    ...run('optional header', optional, [2, 2, ...words(9), 2, 2, 2, 2, 2, 2, ...words(4), 2, 2]),
    ...run('SizeOfStackReserve on', optional + 72, words(9)),
    ...run('NumberOfRvaAndSizes', directoryCount, [4]),
    ...run('data directories', directoryCount + 4, words(12)),
    ...run('certificate entry', certificateEntry, [4, 4]),
    ...[0, 1, 2].flatMap((index) =>
      run(`section ${index} name and`, sectionTable + index * 40, [...words(8), 2, 2, 4]),
    ),
  ];
}

/** Every field of the headers with other values, changed before or after the file was signed. */
export function peFieldCases(): Case[] {
  const image = buildImage();
  const good = signedFile({ image });
  const message = signedMessage({ image });
  return fieldsOf(image)
    .flatMap(({ name, offset, width }) => {
      const view = new DataView(good.buffer, good.byteOffset);
      const old = width === 2 ? view.getUint16(offset, true) : view.getUint32(offset, true);
      const encode = width === 2 ? u16le : u32le;
      const limit = 2 ** (8 * width);
      const values = [0, 1, old - 1, old + 1, old ^ 0x40, limit / 2, limit - 1, image.length, good.length]
        .map((value) => (value + limit) % limit)
        .filter((value, index, all) => value !== old && all.indexOf(value) === index);
      const changedLater = casesFor(
        values,
        (value) => `${name} = ${value}, changed later`,
        (value) => withBytes(good, offset, encode(value)),
      );
      const changedBefore = [old + 1, 0].flatMap((value) => {
        const changed = withBytes(image, offset, encode(value % limit));
        const file = trySigning(changed);
        return file === undefined ? [] : [{ name: `${name} = ${value}, changed before`, file }];
      });
      return [...changedLater, ...changedBefore];
    })
    .concat(headersWithoutCertificate(image, message));
}

/** Signs a file; undefined if its headers are too wrong for that. */
function trySigning(image: Uint8Array): Uint8Array | undefined {
  try {
    return signedFile({ image });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Certificate directory entries that point to other places. */
function headersWithoutCertificate(image: Uint8Array, message: Uint8Array): Case[] {
  const file = attachMessage(image, message);
  const [start, size] = [image.length, file.length - image.length];
  const places: readonly (readonly [string, number, number])[] = [
    ['nowhere', 0, size],
    ['empty', start, 0],
    ['in the headers', 0x40, size],
    ['at the end of the headers', 0x200, size],
    ['8 bytes early', start - 8, size],
    ['8 bytes late', start + 8, size],
    ['8 bytes late and shorter', start + 8, size - 8],
    ['8 bytes longer', start, size + 8],
    ['8 bytes shorter', start, size - 8],
    ['a byte shorter', start, size - 1],
    ['at the end', file.length, size],
    ['behind the end', file.length + 8, size],
    ['the whole file', 0, file.length],
    ['as large as the file', start, file.length],
    ['wrapping', start, 2 ** 32 - start],
    ['of 7 bytes', start, 7],
    ['of 8 bytes', start, 8],
    ['of 12 bytes', start, 12],
  ];
  return casesFor(
    places,
    ([name]) => `the certificate table is ${name}`,
    ([, offset, length]) => withDirectory(file, offset, length),
  );
}

/** Signed images of many forms. */
export function sectionCases(): Case[] {
  const [text, data, reloc] = ordinarySections() as [Section, Section, Section];
  const start = sectionStart();
  const signed = (sections: readonly Section[], more: object = {}) =>
    signedFile({ image: buildImage({ sections, ...more }) });
  const at = (section: Section, header: NonNullable<Section['header']>): Section => ({ ...section, header });
  const two = (a: NonNullable<Section['header']>, b: NonNullable<Section['header']>, names = ['.a', '.b']) =>
    signed([
      at({ name: names[0] ?? '', bytes: filler('a', 0x40) }, a),
      at({ name: names[1] ?? '', bytes: filler('b', 0x40) }, b),
    ]);
  const twoStart = Math.ceil((layoutOf(buildImage()).sectionTable + 80) / 0x20) * 0x20;
  return casesOf({
    ordinary: () => signed([text, data, reloc]),
    'one section': () => signed([text]),
    'eight sections': () =>
      signed(
        Array.from({ length: 8 }, (_, index) => ({ name: `.s${index}`, bytes: filler(`s${index}`, 0x30) })),
      ),
    'headers in reverse order of their sections': () => {
      const pointers = [start, start + text.bytes.length, start + text.bytes.length + data.bytes.length];
      return signed([
        at({ name: '.reloc', bytes: text.bytes }, { pointer: pointers[2] ?? 0, size: reloc.bytes.length }),
        at({ name: '.data', bytes: data.bytes }, { pointer: pointers[1] ?? 0, size: data.bytes.length }),
        at({ name: '.text', bytes: reloc.bytes }, { pointer: pointers[0] ?? 0, size: text.bytes.length }),
      ]);
    },
    'a section without bytes': () => signed([text, at(data, { size: 0 }), reloc]),
    'a section without bytes that points nowhere': () =>
      signed([text, at(data, { size: 0, pointer: 0xffffffff }), reloc]),
    'all sections without bytes': () =>
      signed([text, data, reloc].map((section) => at(section, { size: 0 }))),
    'the same section twice': () => two({ pointer: twoStart }, { pointer: twoStart }),
    'sections that overlap by half': () => two({ pointer: twoStart }, { pointer: twoStart + 0x20 }),
    'the same place and address, the longer first': () =>
      two(
        { pointer: twoStart, virtualAddress: 0x1000, size: 0x60 },
        { pointer: twoStart, virtualAddress: 0x1000, size: 0x20 },
      ),
    'the same place, the later address first': () =>
      two(
        { pointer: twoStart, virtualAddress: 0x2000, size: 0x60 },
        { pointer: twoStart, virtualAddress: 0x1000, size: 0x20 },
      ),
    'a section in the headers': () => two({ pointer: 0 }, {}),
    'a section behind the certificate entry in the headers': () => two({ pointer: 0x100, size: 0x40 }, {}),
    'a section over the whole file': () => two({ pointer: 0, size: 0x200 }, {}),
    'sections that together are longer than the file': () =>
      two({ pointer: 0, size: 0x2c0 }, { pointer: 0, size: 0x2c0, virtualAddress: 0x3000 }),
    'trailing data': () => signed([text, data, reloc], { trailing: filler('trailing', 0x60) }),
    'trailing data of odd length': () => signed([text, data, reloc], { trailing: filler('trailing', 0x61) }),
    'a gap between sections': () => signed([text, at(data, { size: 0x80 }), reloc]),
    'large headers': () => signed([text, data, reloc], { headerSize: 0x400 }),
    'a PE header further on': () => signed([text, data, reloc], { peOffset: 0x80 }),
    'a PE header at an odd place': () => signed([text, data, reloc], { peOffset: 0x43 }),
    PE32: () => signed([text, data, reloc], { format: 'PE32' }),
    '16 data directories': () => signed([text, data, reloc], { directories: 16 }),
    '5 data directories': () => signed([text, data, reloc], { directories: 5 }),
    'names without NUL': () =>
      two({ pointer: twoStart, virtualAddress: 0x1000 }, { pointer: twoStart, virtualAddress: 0x1000 }, [
        '12345678',
        '12345678',
      ]),
  });
}

/** Two sections at the same offset that differ only in name and size, signed in both orders. */
export function sectionOrderCases(): Case[] {
  interface Header {
    readonly name: string;
    readonly virtualSize: number;
    readonly size: number;
    readonly virtualAddress?: number;
  }
  const pairs: Record<string, readonly [Header, Header]> = {
    'by name': [
      { name: '.b', virtualSize: 0x40, size: 0x20 },
      { name: '.a', virtualSize: 0x40, size: 0x40 },
    ],
    'by name, one longer': [
      { name: '.text.b', virtualSize: 0x40, size: 0x20 },
      { name: '.text', virtualSize: 0x40, size: 0x40 },
    ],
    'by name, beyond ASCII': [
      { name: '\xe9', virtualSize: 0x40, size: 0x20 },
      { name: 'z', virtualSize: 0x40, size: 0x40 },
    ],
    'by name before size': [
      { name: '.b', virtualSize: 0x10, size: 0x20 },
      { name: '.a', virtualSize: 0x40, size: 0x40 },
    ],
    'by virtual size': [
      { name: '.a', virtualSize: 0x40, size: 0x20 },
      { name: '.a', virtualSize: 0x20, size: 0x40 },
    ],
    'by virtual size, in its second byte': [
      { name: '.a', virtualSize: 0x0200, size: 0x20 },
      { name: '.a', virtualSize: 0x01ff, size: 0x40 },
    ],
    'by virtual size, above 2 GiB': [
      { name: '.a', virtualSize: 0x80000000, size: 0x20 },
      { name: '.a', virtualSize: 0x40, size: 0x40 },
    ],
    'by size': [
      { name: '.a', virtualSize: 0x40, size: 0x40 },
      { name: '.a', virtualSize: 0x40, size: 0x20 },
    ],
    'by address': [
      { name: '.a', virtualSize: 0x40, size: 0x20, virtualAddress: 0x2000 },
      { name: '.b', virtualSize: 0x40, size: 0x40, virtualAddress: 0x1000 },
    ],
    'by address, above 2 GiB': [
      { name: '.a', virtualSize: 0x40, size: 0x20, virtualAddress: 0x80000000 },
      { name: '.b', virtualSize: 0x40, size: 0x40, virtualAddress: 0x1000 },
    ],
    'by address, in its second byte': [
      { name: '.a', virtualSize: 0x40, size: 0x20, virtualAddress: 0x0200 },
      { name: '.b', virtualSize: 0x40, size: 0x40, virtualAddress: 0x01ff },
    ],
    'by a name of 8 bytes': [
      { name: '12345679', virtualSize: 0x40, size: 0x20 },
      { name: '12345678', virtualSize: 0x40, size: 0x40 },
    ],
    // Compared up to the next NUL, the name runs on into the virtual size: least significant byte first.
    'by a name of 8 bytes, then virtual size': [
      { name: '12345678', virtualSize: 0x0102, size: 0x20 },
      { name: '12345678', virtualSize: 0x0201, size: 0x40 },
    ],
    'by a name of 8 bytes, then virtual size, with a NUL in it': [
      { name: '12345678', virtualSize: 0x0200, size: 0x20 },
      { name: '12345678', virtualSize: 0x0001, size: 0x40 },
    ],
    'by a name of 8 bytes, then all the same': [
      { name: '12345678', virtualSize: 0x01010101, size: 0x40, virtualAddress: 0x01010101 },
      { name: '12345678', virtualSize: 0x01010101, size: 0x20, virtualAddress: 0x01010101 },
    ],
  };
  return Object.entries(pairs).flatMap(([name, headers]) => {
    const sections = headers.map(({ name, ...header }) => ({
      name,
      bytes: filler(`order ${name}`, 0x40),
      header: { virtualAddress: 0x1000, ...header, pointer: 0x200 },
    }));
    const image = buildImage({ sections, headerSize: 0x200 });
    return casesFor(
      [
        [0, 1],
        [1, 0],
      ],
      (order) => `${name}, signed as ${order.join(' and ')}`,
      (order) =>
        signedFile({ image, indirectData: () => indirectData('sha256', peDigest(image, 'sha256', order)) }),
    );
  });
}

/** Numbers at their largest allowed value, and larger by one. */
export function boundaryCases(): Case[] {
  const unsigned = buildImage();
  const { directoryCount, optional, sectionTable } = layoutOf(unsigned);
  const directoryTable = directoryCount + 4;
  const tableSize = signedFile().length - unsigned.length;
  const withHeaders = (headerSize: number, directories: number) =>
    withBytes(
      withBytes(buildImage({ sections: [], directories: 6 }), optional + 60, u32le(headerSize)),
      directoryCount,
      u32le(directories),
    );
  /** Headers and sections of a given number of bytes. */
  const covering = (bytes: (imageLength: number) => number): Uint8Array => {
    const image = (sizes: readonly number[]) =>
      buildImage({
        headerSize: 0x200,
        sections: sizes.map((size, index) => ({
          name: `.s${index}`,
          bytes: filler(`covering ${index}`, 0x400),
          header: { pointer: 0x200, size },
        })),
      });
    const length = image([0, 0]).length;
    const sum = bytes(length) - 0x200;
    return signedFile({ image: image([Math.floor(sum / 2), Math.ceil(sum / 2)]) });
  };
  /** A section that ends at the end of the signed file, or a given number of bytes after it. */
  const upTo = (beyond: number): Uint8Array =>
    signedFile({
      image: buildImage({
        sections: [
          {
            name: '.text',
            bytes: filler('text', 0x100),
            header: { pointer: 0x100, size: unsignedLength() + tableSize - 0x100 + beyond },
          },
        ],
      }),
      indirectData: () => indirectData('sha256', new Uint8Array(32)),
    });
  const unsignedLength = () =>
    buildImage({ sections: [{ name: '.text', bytes: filler('text', 0x100) }] }).length;
  return [
    ...casesFor(
      [0, 1, 2, 31, 32, 33, 39, 40, 41],
      (more) => `unsigned, headers that end ${more} bytes behind the start of no directories`,
      (more) => withHeaders(directoryTable + more, 0),
    ),
    ...casesFor(
      [39, 40, 47, 48, 49],
      (bytes) => `unsigned, headers with room for ${bytes} bytes of 6 directories`,
      (bytes) => withHeaders(directoryTable + bytes, 6),
    ),
    ...casesFor(
      [-1, 0, 1],
      (more) => `unsigned, headers as long as the file and ${more}`,
      (more) => withBytes(unsigned, optional + 60, u32le(unsigned.length + more)),
    ),
    ...casesFor(
      [-1, 0, 1],
      (more) => `headers as long as the file without its certificates and ${more}`,
      (more) => {
        const image = buildImage();
        return signedFile({ image: withBytes(image, optional + 60, u32le(image.length + more)) });
      },
    ),
    ...casesFor(
      [-1, 0, 1],
      (more) => `headers with room for three sections and ${more}`,
      (more) => signedFile({ image: buildImage({ headerSize: sectionTable + 3 * 40 + more }) }),
    ),
    ...casesFor(
      [-1, 0, 1],
      (more) => `headers and sections as long as the unsigned file and ${more}`,
      (more) => covering((length) => length + more),
    ),
    ...casesFor(
      [-1, 0, 1],
      (more) => `headers and sections as long as the signed file and ${more}`,
      (more) => covering((length) => length + tableSize + more),
    ),
    ...casesFor(
      [-8, -1, 0],
      (more) => `a section up to the end of the file and ${more}`,
      (more) => upTo(more),
    ),
  ];
}

/** Sections over the same bytes: the most that the code under test accepts, and more. */
export function repeatedSectionCases(): Case[] {
  return casesFor(
    [2, 4, 8, 12, 16, 20, 30, 60],
    (count) => `${count} sections over the same bytes`,
    (count) => signedFile({ image: repeatedSections(count) }),
  );
}

/** Offset of the first section of an ordinary image. */
function sectionStart(): number {
  const image = buildImage();
  const view = new DataView(image.buffer);
  return view.getUint32(layoutOf(image).optional + 60, true);
}

const CUT_STEP = 29;

/** Shortened and lengthened files. */
export function lengthCases(): Case[] {
  const good = signedFile();
  const lengths = Array.from(
    { length: Math.floor((good.length - 64) / CUT_STEP) },
    (_, index) => good.length - 1 - index * CUT_STEP,
  );
  const cut = casesFor(
    [...lengths, good.length - 7, good.length - 8, 64, 65, 88, 89],
    (length) => `cut to ${length} bytes`,
    (length) => good.subarray(0, length),
  );
  const padded = casesFor(
    [1, 7, 8, 512, 4096],
    (count) => `${count} bytes more`,
    (count) => Buffer.concat([good, new Uint8Array(count)]),
  );
  const image = buildImage();
  const module = Buffer.from('~Module signature appended~\n', 'latin1');
  const appended = Buffer.concat([
    signedMessage(),
    Buffer.from([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 4, 0]),
    module,
  ]);
  const inTheMiddle = attachMessage(image, signedMessage());
  return [
    ...cut,
    ...padded,
    ...casesOf({
      'an appended signature behind the certificates': () => Buffer.concat([good, appended]),
      'an appended signature alone': () => Buffer.concat([image, appended]),
      'an appended signature, signed over': () =>
        signedFile({ image: padTo8(Buffer.concat([image, appended])) }),
      'as many bytes behind the certificates as they have': () =>
        Buffer.concat([inTheMiddle, new Uint8Array(inTheMiddle.length - image.length)]),
      'no certificate in the table': () => attach(image, []),
    }),
  ];
}

function padTo8(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array(-bytes.length & 7)]);
}
