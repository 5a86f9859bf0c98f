/**
 * LZO1X in files of lzop, such as `Image.lzo` of a kernel build. Documentation/staging/lzo.rst describes the stream,
 * lzop itself the file.
 */
import { BoundedBytes } from '../../base/bytes.js';
import { formatBytes } from '../../base/sizes.js';
import { hasMagic, magicLength } from '../magics.js';
import {
  type BoundedOutput,
  compressionBlame,
  decodeMembers,
  type OutputBound,
  runDecoder,
} from './bounded-output.js';
import { adler32, crc32 } from './checksums.js';

/** Since this version, lzop writes the version needed to extract, a level, and times of 64 bits. */
const VERSION_WITH_LEVEL = 0x0940;

/** Methods: LZO1X-1, LZO1X-1(15), LZO1X-999. */
const LZO1X_METHODS = [1, 2, 3];

const FLAG = {
  adlerOfData: 1,
  adlerOfCompressed: 2,
  extraField: 0x40,
  crcOfData: 0x100,
  crcOfCompressed: 0x200,
  filter: 0x800,
  headerCrc: 0x1000,
};

/** The most bytes of a decompressed block: lzop's own limit. */
const MAX_BLOCK_BYTES = 64 << 20;

/**
 * Decompresses an lzop file of one or more parts. Bytes after them are ignored.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressLzo(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('lzop'));
  if (!hasMagic(bytes, 'lzop')) file.fail('it has no lzop magic', 0);
  return runDecoder(bound, (output) => {
    const isMember = (at: number): boolean => hasMagic(bytes.subarray(at), 'lzop');
    const decode = (at: number): number => {
      const header = readHeader(file, at);
      return decodeBlocks(file, header.end, header.flags, output);
    };
    return decodeMembers({ file, isMember, decode }, bound);
  });
}

/**
 * Decompresses one block of LZO1X of a known size.
 *
 * @param size - of the decompressed block, in bytes
 * @throws KexecError `EBADMSG`, check `compressed-data`, if it is damaged or has another size; `EFBIG`, check
 *   `unwrapped-size`, if it has more.
 */
export function decompressLzo1x(bytes: Uint8Array, size: number): Uint8Array {
  const block = new BoundedBytes(bytes, compressionBlame('LZO1X'));
  return runDecoder({ limit: size, atLimit: 'refuse' }, (output) => {
    decodeLzo1x(block, 0, bytes.length, output, size);
    if (output.length !== size) block.fail(`it decompresses to ${output.length} bytes, not ${size}`);
    return undefined;
  });
}

function readHeader(
  file: BoundedBytes,
  memberStart: number,
): { readonly end: number; readonly flags: number } {
  const start = memberStart + magicLength('lzop');
  const version = file.u8(start) * 256 + file.u8(start + 1);
  const isNew = version >= VERSION_WITH_LEVEL;
  let at = start + (isNew ? 6 : 4);
  const method = file.u8(at);
  if (!LZO1X_METHODS.includes(method)) file.fail(`the method is ${method}`, at);
  at += isNew ? 2 : 1;
  const flags = file.u32be(at);
  if ((flags & FLAG.filter) !== 0) file.fail('a filter is set', at);
  at += 4 + (isNew ? 12 : 8);
  at += 1 + file.u8(at);
  const summed = file.slice(start, at - start, 'the header');
  const sum = (flags & FLAG.headerCrc) !== 0 ? crc32(summed) : adler32(summed);
  if (file.u32be(at) !== sum) file.fail('the checksum of the header does not match', at);
  at += 4;
  if ((flags & FLAG.extraField) !== 0) at += 4 + file.u32be(at) + 4;
  return { end: at, flags };
}

function decodeBlocks(file: BoundedBytes, start: number, flags: number, output: BoundedOutput): number {
  let at = start;
  for (;;) {
    const size = file.u32be(at);
    if (size === 0) return at + 4;
    const stored = file.u32be(at + 4);
    if (size > MAX_BLOCK_BYTES || stored > size)
      file.fail(`a block has ${formatBytes(stored)} for ${formatBytes(size)} decompressed`, at);
    at += 8;
    const sums: number[] = [];
    const takeSum = (): number => {
      at += 4;
      return file.u32be(at - 4);
    };
    for (const flag of [FLAG.adlerOfData, FLAG.crcOfData]) sums.push((flags & flag) !== 0 ? takeSum() : -1);
    if (stored < size) {
      for (const flag of [FLAG.adlerOfCompressed, FLAG.crcOfCompressed]) if ((flags & flag) !== 0) takeSum();
    }
    const data = file.slice(at, stored, 'a block');
    const from = output.length;
    if (stored === size) output.append(data);
    else decodeLzo1x(file, at, stored, output, size);
    const contents = output.bytes.subarray(from, output.length);
    if (contents.length !== size)
      file.fail(`a block decompresses to ${contents.length} bytes, not ${size}`, at);
    const [adler = -1, crc = -1] = sums;
    if ((adler >= 0 && adler !== adler32(contents)) || (crc >= 0 && crc !== crc32(contents))) {
      file.fail('the checksum of a block does not match', at);
    }
    at += stored;
  }
}

/** A match of this distance is not copied: it ends the stream. */
const END_DISTANCE = 16384;

/** The state after a run of literals, in which the codes of short matches have another meaning. */
const AFTER_RUN = 4;

/**
 * Decodes one block. Matches stay within it. One long function: its closures share local variables, which is faster
 * than fields or arguments.
 */
function decodeLzo1x(
  file: BoundedBytes,
  offset: number,
  length: number,
  output: BoundedOutput,
  size: number,
): void {
  const bytes = file.slice(offset, length, 'a block');
  const start = output.length;
  let at = 0;
  const fail = (seen: string): never => file.fail(seen, offset + at);
  const next = (): number => {
    const byte = bytes[at];
    if (byte === undefined) return fail('a block ends within an instruction');
    at += 1;
    return byte;
  };
  /** A length whose bits are all 0 continues: 255 for each byte 0, then a last byte. */
  const takeLength = (bits: number, maximum: number): number => {
    if (bits !== 0) return bits;
    let sum = maximum;
    for (;;) {
      const byte = next();
      if (byte !== 0) return sum + byte;
      sum += 255;
    }
  };
  const literals = (count: number): void => {
    if (at + count > bytes.length) fail(`${count} literals leave the block`);
    output.appendPart(bytes, at, count);
    at += count;
  };
  const match = (distance: number, count: number): void => {
    if (distance > output.length - start) fail(`a match is ${distance} bytes back, before the block`);
    if (output.length - start + count > size) fail('a match leaves the block');
    output.copyMatch(distance, count);
  };

  let state = 0;
  const first = bytes[0] ?? 0;
  if (first > 17) {
    at = 1;
    literals(first - 17);
    state = Math.min(first - 17, AFTER_RUN);
  }
  for (;;) {
    const code = next();
    let follow: number;
    if (code >= 64) {
      const count = code >= 128 ? 5 + ((code >> 5) & 3) : 3 + ((code >> 5) & 1);
      match((next() << 3) + ((code >> 2) & 7) + 1, count);
      follow = code & 3;
    } else if (code >= 32) {
      const count = 2 + takeLength(code & 31, 31);
      const word = next() | (next() << 8);
      match((word >> 2) + 1, count);
      follow = word & 3;
    } else if (code >= 16) {
      const count = 2 + takeLength(code & 7, 7);
      const word = next() | (next() << 8);
      const distance = END_DISTANCE + ((code & 8) << 11) + (word >> 2);
      if (distance === END_DISTANCE) return;
      match(distance, count);
      follow = word & 3;
    } else if (state === 0) {
      literals(3 + takeLength(code, 15));
      state = AFTER_RUN;
      continue;
    } else {
      const near = (next() << 2) + (code >> 2);
      if (state === AFTER_RUN) match(near + 2049, 3);
      else match(near + 1, 2);
      follow = code & 3;
    }
    literals(follow);
    state = follow;
  }
}
