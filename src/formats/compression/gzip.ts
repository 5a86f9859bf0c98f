/** gzip: RFC 1952. */
import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { hasMagic } from '../magics.js';
import { compressionBlame, decodeMembers, type OutputBound, runDecoder } from './bounded-output.js';
import { crc32 } from './checksums.js';
import { inflateRaw } from './inflate.js';

const HEADER_SIZE = 10;
const TRAILER_SIZE = 8;
const DEFLATED = 8;

/** Bits of FLG. FTEXT, bit 0, has no effect. */
const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

/**
 * Decompresses a gzip file of one or more members. Bytes after them are ignored.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressGzip(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('gzip'));
  return runDecoder(bound, (output) => {
    const decode = (at: number): number => {
      const contentStart = output.length;
      const dataEnd = inflateRaw(file, readGzipHeader(file, at), output);
      const contents = output.bytes.subarray(contentStart, output.length);
      return checkGzipTrailer(file, dataEnd, { length: contents.length, crc: crc32(contents) });
    };
    return decodeMembers({ file, isMember: (at) => isGzipMember(bytes, at), decode }, bound);
  });
}

export function isGzipMember(bytes: Uint8Array, at: number): boolean {
  return hasMagic(bytes.subarray(at), 'gzip');
}

/**
 * Reads the header of a member: RFC 1952, section 2.3.
 *
 * @returns the offset of the compressed data
 * @throws KexecError, with the check and errno of `file`.
 */
export function readGzipHeader(file: BoundedBytes, start: number): number {
  file.slice(start, HEADER_SIZE, 'the header of a member');
  if (!isGzipMember(file.bytes, start)) file.fail(`the magic is ${hex(file.u16le(start))}`, start);
  const method = file.u8(start + 2);
  const flags = file.u8(start + 3);
  if (method !== DEFLATED) file.fail(`the method is ${method}`, start + 2);
  if ((flags & FLAG.reserved) !== 0) file.fail(`FLG is ${hex(flags)}`, start + 3);
  let at = start + HEADER_SIZE;
  if ((flags & FLAG.extra) !== 0) at += 2 + file.u16le(at);
  for (const flag of [FLAG.name, FLAG.comment]) if ((flags & flag) !== 0) at = findTextEnd(file, at);
  if ((flags & FLAG.headerCrc) === 0) return at;
  const sum = crc32(file.slice(start, at - start, 'the header of a member')) & 0xffff;
  if (file.u16le(at) !== sum) file.fail('the CRC of the header does not match', at);
  return at + 2;
}

function findTextEnd(file: BoundedBytes, start: number): number {
  const nul = file.bytes.indexOf(0, start);
  return nul < 0 ? file.fail('a text of the header has no end', start) : nul + 1;
}

/**
 * Checks the contents of a member against its trailer.
 *
 * @returns the end of the member
 * @throws KexecError, with the check and errno of `file`.
 */
export function checkGzipTrailer(
  file: BoundedBytes,
  at: number,
  { length, crc }: { readonly length: number; readonly crc: number },
): number {
  if (file.u32le(at) !== crc) file.fail('the CRC does not match', at);
  if (file.u32le(at + 4) !== length % 2 ** 32)
    file.fail(`the member has ${length} bytes, not ${file.u32le(at + 4)} as its trailer says`, at + 4);
  return at + TRAILER_SIZE;
}
