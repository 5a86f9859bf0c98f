import { BoundedBytes } from '../base/bytes.js';

/** The first word of a frame. */
export const ZSTD_MAGIC = 0xfd2fb528;

/** `Block_Type`: a byte that is repeated. */
const RLE = 1;

/**
 * Checks that bytes are one zstd frame (RFC 8878, section 3.1.1), whose header tells that it holds `size` bytes: what a
 * decoder may be given that trusts a frame's header, and that would go on with a second frame.
 *
 * @throws KexecError `EINVAL`, check `kdump-page`, if they are anything else.
 */
export function checkZstdFrame(bytes: Uint8Array, size: number): void {
  const frame = new BoundedBytes(bytes, { what: 'zstd frame', check: 'kdump-page', errno: 'EINVAL' });
  if (frame.u32le(0) !== ZSTD_MAGIC) frame.fail('it has another magic', 0);
  const { contentSize, end, hasChecksum } = readZstdHeader(frame);
  if (contentSize !== BigInt(size))
    frame.fail(`it tells of ${contentSize ?? 'an unknown number of'} bytes, not ${size}`);

  let at = end;
  for (let isLast = false; !isLast; ) {
    const block = frame.u8(at) | (frame.u16le(at + 1) << 8);
    isLast = (block & 1) !== 0;
    at += 3 + (((block >> 1) & 3) === RLE ? 1 : block >>> 3);
  }
  const checksum = hasChecksum ? 4 : 0;
  if (at + checksum !== frame.length) frame.fail(`it ends at ${at + checksum} of ${frame.length} bytes`);
}

/** What the header of a zstd frame tells. */
export interface ZstdHeader {
  /** How many bytes it holds unpacked, if it tells. */
  readonly contentSize: bigint | undefined;
  /** Where the first block begins. */
  readonly end: number;
  readonly hasChecksum: boolean;
}

/** Reads the header of a frame whose magic was checked. @throws KexecError, in the name of `frame`, if it is cut short. */
export function readZstdHeader(frame: BoundedBytes): ZstdHeader {
  const descriptor = frame.u8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryId = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeField = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const sizeAt = 5 + (isSingleSegment ? 0 : 1) + dictionaryId;
  return {
    contentSize: contentSize(frame, sizeAt, sizeField),
    end: sizeAt + sizeField,
    hasChecksum: (descriptor & 4) !== 0,
  };
}

function contentSize(frame: BoundedBytes, at: number, field: number): bigint | undefined {
  switch (field) {
    case 1:
      return BigInt(frame.u8(at));
    case 2:
      return BigInt(frame.u16le(at) + 256);
    case 4:
      return BigInt(frame.u32le(at));
    case 8:
      return frame.u64le(at);
    default:
      return undefined;
  }
}
