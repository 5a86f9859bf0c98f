import type { BoundedBytes } from '../../../base/bytes.js';

const MAX_BLOCK_BYTES = 128 << 10;
const MAX_WINDOW_LOG = 31;

/** Sizes of fields in bytes, by the bits of the descriptor. */
const DICTIONARY_ID_SIZES = [0, 1, 2, 4] as const;
const CONTENT_SIZES = [0, 2, 4, 8] as const;

/** The header of a frame. */
export interface ZstdHeader {
  /** The offset of the first block. */
  readonly end: number;
  /** The size of the decompressed frame in bytes; undefined if unspecified. */
  readonly contentSize: bigint | undefined;
  /** The most bytes of a block, compressed or not. */
  readonly blockLimit: number;
  readonly hasChecksum: boolean;
}

/**
 * Reads the header of a frame whose magic was checked: RFC 8878, section 3.1.1.1.
 *
 * @throws KexecError, with the check and errno of `file`, if it is cut short, invalid or needs a dictionary.
 */
export function readZstdHeader(file: BoundedBytes, start: number): ZstdHeader {
  const descriptor = file.u8(start + 4);
  if ((descriptor & 8) !== 0) file.fail('a reserved bit of the frame header is set', start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  let at = start + 5;
  let window = Number.MAX_SAFE_INTEGER;
  if (!isSingleSegment) {
    const byte = file.u8(at);
    const log = 10 + (byte >> 3);
    if (log > MAX_WINDOW_LOG) file.fail(`the window has 2^${log} bytes`, at);
    window = 2 ** log + (2 ** log / 8) * (byte & 7);
    at += 1;
  }
  const idSize = DICTIONARY_ID_SIZES[(descriptor & 3) as 0 | 1 | 2 | 3];
  if (file.slice(at, idSize, 'the dictionary ID').some((byte) => byte !== 0)) {
    file.fail('the frame needs a dictionary', at);
  }
  at += idSize;
  const sizeField = CONTENT_SIZES[(descriptor >> 6) as 0 | 1 | 2 | 3];
  const size = sizeField === 0 && isSingleSegment ? 1 : sizeField;
  let contentSize: bigint | undefined;
  if (size > 0) {
    const field = file.slice(at, size, 'the content size');
    contentSize = field.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) + (size === 2 ? 256n : 0n);
    at += size;
  }
  if (isSingleSegment && contentSize !== undefined) window = Number(contentSize);
  return {
    end: at,
    contentSize,
    blockLimit: Math.min(window, MAX_BLOCK_BYTES),
    hasChecksum: (descriptor & 4) !== 0,
  };
}
