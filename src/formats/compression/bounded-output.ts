import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';

/** How much may come out of compressed data, in bytes, and what becomes of data that holds more. */
export interface OutputBound {
  readonly limit: number;
  /** `stop`: the first `limit` bytes are the result. `refuse`: an error, at the very byte that is too many. */
  readonly atLimit: 'stop' | 'refuse';
}

/** Thrown where a bound says `stop`, and caught by {@link runDecoder}: nothing else sees it. */
class Full extends Error {}

/**
 * Where decompressed bytes go: one buffer of the bound's length, whose memory the system gives only as it is written.
 * It is also the window that matches are copied from, so no size that a header claims is ever allocated.
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

  /** Appends `length` bytes from `start` on; a view of few bytes would take longer than they do. */
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

  /** Appends `length` bytes from `distance` bytes ago, which may be among those that it appends. */
  copyMatch(distance: number, length: number): void {
    const { bytes } = this;
    const fits = Math.min(length, bytes.length - this.length);
    copyWithinOutput(bytes, this.length, distance, fits);
    this.length += fits;
    if (fits < length) this.overflow();
  }

  /** What is to be called for a byte that no longer fits. */
  overflow(): never {
    if (this.#bound.atLimit === 'stop') throw new Full();
    refuse('unwrapped-size', 'EFBIG', `the decompressed data has more than ${hex(this.bytes.length)} bytes`);
  }
}

/** Whether an error only says that a bound to stop at was reached: {@link runDecoder} knows, and who cannot use it asks. */
export function isFull(error: unknown): boolean {
  return error instanceof Full;
}

/** Copies a match within a buffer; `to + length` has to lie within it. */
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

/** A long match over itself repeats its first `distance` bytes: every copy doubles what is there to be copied. */
function copyPeriodic(bytes: Uint8Array, to: number, distance: number, length: number): void {
  const start = to - distance;
  let done = 0;
  while (done < length) {
    const count = Math.min(distance + done, length - done);
    bytes.copyWithin(to + done, start, start + count);
    done += count;
  }
}

/** Runs a decoder that writes to an output; gives what came out, shared with the output's buffer. */
export function runDecoder(bound: OutputBound, decode: (output: BoundedOutput) => void): Uint8Array {
  const output = new BoundedOutput(bound);
  try {
    decode(output);
  } catch (error) {
    if (!(error instanceof Full)) throw error;
  }
  return output.bytes.subarray(0, output.length);
}

/** How every reader of compressed data names itself when its bytes end too soon or make no sense. */
export function compressionBlame(what: string) {
  return { what, check: 'compressed-data', errno: 'EBADMSG' } as const;
}
