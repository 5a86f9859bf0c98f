/** Device tree blobs made by hand, so that they can be wrong. */

/** Tokens and lengths as numbers, names and values as text: NUL-terminated and padded to words. */
export type Word = number | string;

export interface BlobParts {
  readonly structure: readonly Word[];
  readonly strings?: string;
  /** Addresses and sizes in turn; the terminator is not added. */
  readonly reservations?: readonly bigint[];
  /** Header fields to have other values than the right ones, by their index. */
  readonly header?: Readonly<Record<number, number>>;
}

/** The header's fields, in their order. */
export const FIELD = {
  magic: 0,
  totalSize: 1,
  structureOffset: 2,
  stringsOffset: 3,
  reservationsOffset: 4,
  version: 5,
  lastCompatibleVersion: 6,
  bootCpu: 7,
  stringsSize: 8,
  structureSize: 9,
} as const;

export const BEGIN = 1;
export const END_NODE = 2;
export const PROP = 3;
export const NOP = 4;
export const END = 9;

/** Header, reservations, structure, strings: as dtc lays them out. */
export function blob(parts: BlobParts): Uint8Array {
  const reservations = Buffer.concat((parts.reservations ?? [0n, 0n]).map(u64));
  const structure = Buffer.concat(parts.structure.map(word));
  const strings = Buffer.from(parts.strings ?? '', 'latin1');
  const structureOffset = 40 + reservations.length;
  const stringsOffset = structureOffset + structure.length;
  const header = [
    0xd00dfeed,
    stringsOffset + strings.length,
    structureOffset,
    stringsOffset,
    40,
    17,
    16,
    0,
    strings.length,
    structure.length,
  ];
  const fields = header.map((field, i) => word(parts.header?.[i] ?? field));
  return new Uint8Array(Buffer.concat([...fields, reservations, structure, strings]));
}

/** A copy with one header field changed. */
export function withField(bytes: Uint8Array, field: number, value: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(4 * field, value);
  return copy;
}

function word(value: Word): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.alloc(4 * Math.ceil((value.length + 1) / 4));
    bytes.write(value, 'latin1');
    return bytes;
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
