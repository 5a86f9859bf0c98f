/** The end of a stream of an xz file: the index, and the footer. The .xz file format 1.2.1, sections 2.1.2 and 4. */
import { align4, type BoundedBytes } from '../../../base/bytes.js';
import { crc32 } from '../checksums.js';
import { VariableIntegers } from './variable-integers.js';

/** The first byte of an index; a block header begins with its size instead. */
export const INDEX_INDICATOR = 0;

const FOOTER_SIZE = 12;
const FOOTER_MAGIC = 0x5a59;

/** What the index records of a block, in bytes: the size without padding, and that of the contents. */
export interface XzRecord {
  readonly size: number;
  readonly uncompressedSize: number;
}

/** The end of a stream whose blocks were decoded. */
interface StreamEnd {
  /** The offset of the index. */
  readonly start: number;
  readonly check: number;
  /** Of the blocks that were decoded. */
  readonly records: readonly XzRecord[];
}

/** Reads the flags of a stream, which are in its header and its footer. @returns the ID of its check */
export function readStreamFlags(file: BoundedBytes, at: number): number {
  const check = file.u8(at + 1);
  if (file.u8(at) !== 0 || check > 15) file.fail('the stream flags are unknown', at);
  return check;
}

/** @throws KexecError, with the check and errno of `file`, unless all bytes from `start` to `end` are 0. */
export function requireZeros(file: BoundedBytes, start: number, end: number, what: string): void {
  if (file.slice(start, end - start, what).some((byte) => byte !== 0))
    file.fail(`${what} is not zero`, start);
}

/**
 * Verifies the index and the footer of a stream.
 *
 * @returns the end of the stream
 * @throws KexecError, with the check and errno of `file`, if they do not match the blocks.
 */
export function readStreamEnd(file: BoundedBytes, { start, check, records }: StreamEnd): number {
  const numbers = new VariableIntegers(file, 'the index', start + 1, file.length);
  const count = numbers.next();
  if (count !== BigInt(records.length))
    file.fail(`the index lists ${count} blocks; the stream has ${records.length}`, start);
  for (const { size, uncompressedSize } of records) {
    if (numbers.next() !== BigInt(size) || numbers.next() !== BigInt(uncompressedSize))
      file.fail('the index does not match the blocks', start);
  }
  const crcStart = start + align4(numbers.offset - start);
  requireZeros(file, numbers.offset, crcStart, "the index's padding");
  if (file.u32le(crcStart) !== crc32(file.slice(start, crcStart - start, 'the index')))
    file.fail('the CRC of the index does not match', crcStart);
  const footer = crcStart + 4;
  checkFooter(file, footer, { indexSize: footer - start, check });
  return footer + FOOTER_SIZE;
}

function checkFooter(
  file: BoundedBytes,
  at: number,
  { indexSize, check }: { readonly indexSize: number; readonly check: number },
): void {
  file.slice(at, FOOTER_SIZE, 'the stream footer');
  if (file.u16le(at + 10) !== FOOTER_MAGIC) file.fail('the stream footer has no magic', at + 10);
  if (file.u32le(at) !== crc32(file.slice(at + 4, 6, 'the stream footer')))
    file.fail('the CRC of the stream footer does not match', at);
  if ((file.u32le(at + 4) + 1) * 4 !== indexSize)
    file.fail('the size of the index in the stream footer does not match', at + 4);
  if (readStreamFlags(file, at + 8) !== check)
    file.fail('the stream flags of header and footer differ', at + 8);
}
