import { concatenate, encodeU64le } from '../base/bytes.js';
import type { RandomSource } from '../base/random.js';
import { computeDigest, type Hashes } from './hashes.js';

const SEED_SIZE = 8;

/**
 * Creates a source of bytes that look random and are the same for the same seed: SHA-256 of the seed and a counter,
 * both of 64 bits. They are no secret to anyone who knows the seed.
 *
 * @param hashes - must have SHA-256
 */
export function createSeededRandom(seed: bigint, hashes: Hashes): RandomSource {
  const block = new Uint8Array(2 * SEED_SIZE);
  block.set(encodeU64le(seed));
  let counter = 0n;
  let left: Uint8Array = new Uint8Array(0);
  return (length) => {
    while (left.length < length) {
      block.set(encodeU64le(counter), SEED_SIZE);
      counter += 1n;
      left = concatenate([left, computeDigest(hashes, 'sha256', block) as Uint8Array]);
    }
    const given = left.slice(0, length);
    left = left.slice(length);
    return given;
  };
}
