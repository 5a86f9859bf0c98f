import type { BoundedBytes } from '../../../base/bytes.js';

/** Reads numbers of 7 bits per byte, least significant first, of at most 9 bytes: section 1.2. */
export class VariableIntegers {
  readonly #file: BoundedBytes;
  readonly #what: string;
  readonly #end: number;
  #at: number;

  /** @param what - contains the numbers, for errors */
  constructor(file: BoundedBytes, what: string, at: number, end: number) {
    this.#file = file;
    this.#what = what;
    this.#at = at;
    this.#end = end;
  }

  /** The offset of the next byte. */
  get offset(): number {
    return this.#at;
  }

  next(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 63n; shift += 7n) {
      if (this.#at >= this.#end) this.#file.fail(`${this.#what} ends within a number`, this.#at);
      const byte = this.#file.u8(this.#at);
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return this.#file.fail('a number has more than 63 bits', this.#at);
  }

  bytes(length: bigint): Uint8Array {
    if (length > BigInt(this.#end - this.#at))
      this.#file.fail(`filter properties leave ${this.#what}`, this.#at);
    const bytes = this.#file.slice(this.#at, length, 'filter properties');
    this.#at += bytes.length;
    return bytes;
  }
}
