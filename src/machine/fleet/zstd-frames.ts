/** Frames of zstd, one after the other: RFC 8878, section 3.1. Each is decompressed whole, so each has a bound. */

import { BoundedBytes, concatenate } from '../../base/bytes.js';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { compressionBlame } from '../../formats/compression/bounded-output.js';
import { isSkippableFrame } from '../../formats/compression/skippable-frame.js';
import { readZstdHeader } from '../../formats/compression/zstd/frame-header.js';
import { hasMagic } from '../../formats/magics.js';

/** The most bytes that a frame may have, packed or not. */
export const MAX_FRAME_BYTES = 8 << 20;

/** The longest header of a frame, its magic included. */
const MAX_HEADER_BYTES = 18;
const MAGIC_BYTES = 4;
const SKIPPABLE_HEADER_BYTES = 8;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** The type of a block that has one byte, which is repeated. */
const RUN = 1;

/** What else to do with a file of large frames. */
const CURE =
  'pack it with kexec-file machine pack, or pipe it: zstd -dc FILE | kexec-file preflight KERNEL -';

/** Decompresses one frame, whose header says that it has that many bytes of contents. It throws Error for a damaged one. */
export type DecompressFrame = (frame: Uint8Array, size: number) => Uint8Array;

/**
 * Decompresses a stream of frames.
 *
 * @param name - of the file, for error messages
 * @param decompress - decompresses a frame
 * @returns the contents of a frame each time
 * @throws KexecError check `fleet-file`: `EBADMSG` if a frame is damaged or cut short, `EFBIG` if it is too large.
 */
export async function* decompressFrames(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  decompress: DecompressFrame,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array = new Uint8Array(0);
  let number = 1;
  const takeFrames = function* (isEnd: boolean): Generator<Uint8Array> {
    let at = 0;
    for (;;) {
      const what = `${name}: frame ${number} of zstd`;
      const frame = measureFrame(waiting.subarray(at), what, isEnd);
      if (frame === undefined) break;
      const bytes = waiting.subarray(at, at + frame.size);
      at += frame.size;
      number += 1;
      if (frame.contentSize !== undefined) yield decompressFrame(decompress, bytes, frame.contentSize, what);
    }
    waiting = waiting.subarray(at);
  };
  for await (const chunk of chunks) {
    waiting = waiting.length === 0 ? chunk : concatenate([waiting, chunk]);
    yield* takeFrames(false);
  }
  yield* takeFrames(true);
  if (waiting.length > 0) refuse('fleet-file', 'EBADMSG', `${name} is cut short in frame ${number} of zstd`);
}

function decompressFrame(
  decompress: DecompressFrame,
  bytes: Uint8Array,
  size: number,
  what: string,
): Uint8Array {
  let contents: Uint8Array;
  try {
    contents = decompress(bytes, size);
  } catch (cause) {
    refuse('fleet-file', 'EBADMSG', `${what} is damaged`, { cause });
  }
  if (contents.length !== size)
    refuse('fleet-file', 'EBADMSG', `${what} has ${contents.length} bytes, and its header says ${size}`);
  return contents;
}

interface FrameSize {
  /** Bytes of the whole frame. */
  readonly size: number;
  /** Bytes of its contents; undefined for a skippable frame. */
  readonly contentSize: number | undefined;
}

/**
 * @param isEnd - whether nothing follows the bytes
 * @returns undefined if the frame goes on beyond the bytes
 */
function measureFrame(bytes: Uint8Array, what: string, isEnd: boolean): FrameSize | undefined {
  if (bytes.length < SKIPPABLE_HEADER_BYTES) return undefined;
  const file = new BoundedBytes(bytes, compressionBlame('Zstandard'));
  if (isSkippableFrame(bytes.subarray(0, MAGIC_BYTES))) {
    const size = SKIPPABLE_HEADER_BYTES + file.u32le(MAGIC_BYTES);
    return limitSize(size, bytes, what) ? { size, contentSize: undefined } : undefined;
  }
  if (!hasMagic(bytes, 'zstd')) refuse('fleet-file', 'EBADMSG', `${what} has no magic: the file is damaged`);
  if (bytes.length < MAX_HEADER_BYTES + BLOCK_HEADER_BYTES && !isEnd) return undefined;
  const header = attempt(() => readZstdHeader(file, 0));
  if (header instanceof KexecError)
    refuse('fleet-file', 'EBADMSG', `${what}: ${header.seen}`, { cause: header });
  const { contentSize } = header;
  if (contentSize === undefined)
    refuse('fleet-file', 'EFBIG', `${what} does not say how many bytes it has`, { cure: CURE });
  if (contentSize > MAX_FRAME_BYTES)
    refuse('fleet-file', 'EFBIG', `${what} has ${formatBytes(Number(contentSize))}`, { cure: CURE });
  let at = header.end;
  for (;;) {
    if (at + BLOCK_HEADER_BYTES > bytes.length) {
      limitSize(at, bytes, what);
      return undefined;
    }
    const word = file.u16le(at) | (file.u8(at + 2) << 16);
    const isLast = (word & 1) !== 0;
    at += BLOCK_HEADER_BYTES + (((word >> 1) & 3) === RUN ? 1 : word >> 3);
    if (isLast) break;
  }
  const size = at + (header.hasChecksum ? CHECKSUM_BYTES : 0);
  return limitSize(size, bytes, what) ? { size, contentSize: Number(contentSize) } : undefined;
}

/** Whether the bytes have a frame of that size. @throws KexecError `EFBIG`, if it is beyond the bound. */
function limitSize(size: number, { length }: Uint8Array, what: string): boolean {
  if (size > MAX_FRAME_BYTES + MAX_HEADER_BYTES + CHECKSUM_BYTES)
    refuse('fleet-file', 'EFBIG', `${what} takes ${formatBytes(size)}`, { cure: CURE });
  return size <= length;
}
