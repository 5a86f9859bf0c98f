import type { BoundedBytes } from '../../base/bytes.js';

/**
 * Frames with data for other programs, in files of Zstandard and LZ4: RFC 8878, section 3.1.2; LZ4 frame format 1.6.3.
 */

/** The upper 28 bits of the magic. */
const SKIPPABLE_MAGIC = 0x184d2a5;
const HEADER_SIZE = 8;

/** Whether bytes begin with the magic of a skippable frame. */
export function isSkippableFrame([a = 0, b = 0, c = 0, d = 0]: Uint8Array): boolean {
  return (a >>> 4) + b * 2 ** 4 + c * 2 ** 12 + d * 2 ** 20 === SKIPPABLE_MAGIC;
}

/**
 * @returns the end of a skippable frame.
 *
 * @throws KexecError, with the check and errno of `file`, if it leaves the file.
 */
export function skipFrame(file: BoundedBytes, start: number): number {
  const size = file.u32le(start + 4);
  file.slice(start + HEADER_SIZE, size, 'a skippable frame');
  return start + HEADER_SIZE + size;
}

/**
 * Finds what follows the skippable frames at the start of a file.
 *
 * @param bytes - the file, or its first bytes
 * @returns undefined if there is no such frame, or if the bytes end within the last one
 */
export function skipFrames(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + HEADER_SIZE <= bytes.length && isSkippableFrame(bytes.subarray(at, at + 4)))
    at += HEADER_SIZE + view.getUint32(at + 4, true);
  return at === 0 || at >= bytes.length ? undefined : bytes.subarray(at);
}
