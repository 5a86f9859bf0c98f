import type { BoundedBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';

/** The most bytes that compressed data may yield, and what happens if it has more. */
export interface OutputBound {
  readonly limit: number;
  /** `stop`: the result is the first `limit` bytes. `refuse`: an error at the first byte beyond them. */
  readonly atLimit: 'stop' | 'refuse';
  /**
   * `first`: only the first member is decompressed, as the kernel does with each part of an initrd. All if left out.
   */
  readonly members?: 'first' | 'all';
  /**
   * Called with the end of the compressed data, in bytes from its start; not called if `stop` ended the decompression.
   */
  readonly onEnd?: (end: number) => void;
}

/** The most members of a compressed file. Tools that compress in parallel write one for 64 KiB or more. */
const MAX_MEMBERS = 16_384;

/** Thrown if a bound with `stop` is reached. {@link runDecoder} catches it. */
class Full extends Error {}

/**
 * The output of a decoder: one buffer with the length of the bound, whose memory the system provides as it is written.
 * It is also the window that matches are copied from, so the sizes in headers are never allocated.
 */
export class BoundedOutput {
  readonly bytes: Uint8Array;
  readonly #bound: OutputBound;
  length = 0;

  constructor(bound: OutputBound) {
    this.#bound = bound;
    this.bytes = new Uint8Array(bound.limit);
  }

  append(bytes: Uint8Array): void {
    this.appendPart(bytes, 0, bytes.length);
  }

  /** Appends `length` bytes from `start` on. Without a view: for few bytes, creating one takes longer than the copy. */
  appendPart(bytes: Uint8Array, start: number, length: number): void {
    const to = this.length;
    const fits = Math.min(length, this.bytes.length - to);
    if (fits > 64) {
      this.bytes.set(bytes.subarray(start, start + fits), to);
    } else {
      const out = this.bytes;
      for (let at = 0; at < fits; at += 1) out[to + at] = bytes[start + at] as number;
    }
    this.length = to + fits;
    if (fits < length) this.overflow();
  }

  /** Appends `length` bytes from `distance` bytes ago. They may overlap the appended ones. */
  copyMatch(distance: number, length: number): void {
    const { bytes } = this;
    const fits = Math.min(length, bytes.length - this.length);
    copyWithinOutput(bytes, this.length, distance, fits);
    this.length += fits;
    if (fits < length) this.overflow();
  }

  /**
   * Call this for a byte that does not fit.
   *
   * @throws KexecError `EFBIG`, check `unwrapped-size`, if the bound says `refuse`.
   */
  overflow(): never {
    if (this.#bound.atLimit === 'stop') throw new Full();
    refuse(
      'unwrapped-size',
      'EFBIG',
      `the decompressed data has more than ${formatBytes(this.bytes.length)}`,
    );
  }
}

/** Copies a match within a buffer. `to + length` must lie within it. */
export function copyWithinOutput(bytes: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length && length > 32) {
    bytes.copyWithin(to, to - distance, to - distance + length);
  } else if (distance === 1 && length > 32) {
    bytes.fill(bytes[to - 1] ?? 0, to, to + length);
  } else if (length > 256) {
    copyPeriodic(bytes, to, distance, length);
  } else {
    for (let at = to; at < to + length; at += 1) bytes[at] = bytes[at - distance] ?? 0;
  }
}

/** A long match that overlaps itself repeats its first `distance` bytes. Each copy doubles the bytes for the next. */
function copyPeriodic(bytes: Uint8Array, to: number, distance: number, length: number): void {
  const start = to - distance;
  let done = 0;
  while (done < length) {
    const count = Math.min(distance + done, length - done);
    bytes.copyWithin(to + done, start, start + count);
    done += count;
  }
}

/**
 * Runs a decoder that writes to an output.
 *
 * @param decode - returns the end of the compressed data, if the caller of the decoder can need it
 * @returns the output, shared with its buffer
 */
export function runDecoder(
  bound: OutputBound,
  decode: (output: BoundedOutput) => number | undefined,
): Uint8Array {
  const output = new BoundedOutput(bound);
  try {
    const end = decode(output);
    if (end !== undefined) bound.onEnd?.(end);
  } catch (error) {
    if (!(error instanceof Full)) throw error;
  }
  return output.bytes.subarray(0, output.length);
}

/**
 * A format whose files consist of one or more members: gzip's members, streams of xz and bzip2, frames of zstd and LZ4.
 */
export interface MemberFormat {
  readonly file: BoundedBytes;
  /** Whether a member begins at an offset. */
  readonly isMember: (at: number) => boolean;
  /** Decodes the member at an offset. @returns its end */
  readonly decode: (at: number) => number;
}

/** Decodes a file of one or more members. @returns the end of the last that was decoded */
export function decodeMembers({ file, isMember, decode }: MemberFormat, { members }: OutputBound): number {
  let at = decode(0);
  for (let count = 1; members !== 'first' && isMember(at); count += 1) {
    if (count === MAX_MEMBERS) file.fail(`it has more than ${MAX_MEMBERS} members`, at);
    at = decode(at);
  }
  return at;
}

/** The check and errno of malformed compressed data, and the name of its format. */
export function compressionBlame(what: string) {
  return { what, check: 'compressed-data', errno: 'EBADMSG' } as const;
}
