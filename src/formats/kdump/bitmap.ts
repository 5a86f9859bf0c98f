import type { ByteSource } from '../../base/byte-source.js';

/** The bytes of each read, and between two entries of the table of counts. A multiple of 8. */
const CHUNK_BYTES = 1 << 13;
const CHUNK_BITS = BigInt(CHUNK_BYTES * 8);

/** Runs of equal bytes are skipped by words of this size. */
const WORD_BYTES = 4;

/** A run of bits that are set, half-open. */
export interface BitRun {
  readonly start: bigint;
  readonly end: bigint;
}

/** A bitmap in a file, least significant bit first, read in chunks. */
export class Bitmap {
  readonly #source: ByteSource;
  readonly #offset: bigint;
  readonly #size: bigint;
  /** The number of set bits before each chunk, for the chunks so far. */
  readonly #before: number[] = [0];
  /** The chunk that was read last. */
  #chunk: { readonly number: number; readonly bytes: Uint8Array } | undefined;

  /** @param size - in bytes; `offset + size` lies within the source */
  constructor(source: ByteSource, offset: bigint, size: bigint) {
    this.#source = source;
    this.#offset = offset;
    this.#size = size;
  }

  /** Whether a bit is set. Bits beyond the end are not. */
  has(bit: bigint): boolean {
    const byte = bit / 8n;
    if (byte >= this.#size) return false;
    const [value = 0] = this.#source.read(this.#offset + byte, 1);
    return (value & (1 << Number(bit % 8n))) !== 0;
  }

  /** Counts the set bits below `bit`, which lies within the bitmap or is its end. */
  countBelow(bit: bigint): bigint {
    const chunk = Number(bit / CHUNK_BITS);
    while (this.#before.length <= chunk) {
      const last = this.#before.length - 1;
      const bytes = this.#readChunk(last);
      this.#before.push((this.#before[last] ?? 0) + countBits(bytes, bytes.length * 8));
    }
    const rest = Number(bit % CHUNK_BITS);
    const within = rest === 0 ? 0 : countBits(this.#readChunk(chunk), rest);
    return BigInt((this.#before[chunk] ?? 0) + within);
  }

  /** Finds the runs of set bits, lowest first. */
  *runs(): Generator<BitRun> {
    let start: bigint | undefined;
    for (let chunk = 0; BigInt(chunk * CHUNK_BYTES) < this.#size; chunk += 1) {
      const bytes = this.#readChunk(chunk);
      const base = BigInt(chunk) * CHUNK_BITS;
      for (let index = 0; index < bytes.length; index += 1) {
        index = skipBytes(bytes, index, start === undefined ? 0 : 0xff);
        const byte = bytes[index];
        if (byte === undefined) break;
        for (let bit = 0; bit < 8; bit += 1) {
          const isSet = (byte & (1 << bit)) !== 0;
          if (isSet === (start !== undefined)) continue;
          const at = base + BigInt(index * 8 + bit);
          if (start !== undefined) yield { start, end: at };
          start = isSet ? at : undefined;
        }
      }
    }
    if (start !== undefined) yield { start, end: this.#size * 8n };
  }

  #readChunk(number: number): Uint8Array {
    if (this.#chunk?.number === number) return this.#chunk.bytes;
    const at = BigInt(number) * BigInt(CHUNK_BYTES);
    const left = this.#size - at;
    const length = left < BigInt(CHUNK_BYTES) ? Number(left) : CHUNK_BYTES;
    const bytes = this.#source.read(this.#offset + at, length);
    this.#chunk = { number, bytes };
    return bytes;
  }
}

/** Finds the first index from `from` on whose byte is not `value`: most of a bitmap is of one kind. */
function skipBytes(bytes: Uint8Array, from: number, value: number): number {
  let at = from;
  const isAligned = (): boolean => (bytes.byteOffset + at) % WORD_BYTES === 0;
  while (at < bytes.length && !isAligned() && bytes[at] === value) at += 1;
  if (isAligned()) {
    const rest = Math.floor((bytes.length - at) / WORD_BYTES);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, rest);
    const wanted = (value * 0x01010101) | 0;
    let word = 0;
    while (word < rest && words[word] === wanted) word += 1;
    at += word * WORD_BYTES;
  }
  while (at < bytes.length && bytes[at] === value) at += 1;
  return at;
}

/** Counts the set bits among the first `bits` bits. */
function countBits(bytes: Uint8Array, bits: number): number {
  const whole = bits >> 3;
  let count = 0;
  for (let at = skipBytes(bytes, 0, 0); at < whole; at += 1) count += countByteBits(bytes[at] ?? 0);
  return count + countByteBits((bytes[whole] ?? 0) & ((1 << (bits & 7)) - 1));
}

function countByteBits(byte: number): number {
  const pairs = byte - ((byte >> 1) & 0x55);
  const nibbles = (pairs & 0x33) + ((pairs >> 2) & 0x33);
  return (nibbles + (nibbles >> 4)) & 0x0f;
}
