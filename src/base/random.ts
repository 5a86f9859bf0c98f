/** Returns `length` random bytes, fit for keys. */
export type RandomSource = (length: number) => Uint8Array;

/** The random source of the system, fit for keys. */
export const systemRandom: RandomSource = (length) => crypto.getRandomValues(new Uint8Array(length));

/**
 * Draws a number from 0 up to, not including, `limit`, each with the same probability. It draws numbers with the bits
 * of `limit - 1` until one is below the limit: each draw succeeds with a probability of more than one half.
 *
 * @param limit - at least 1
 */
export function drawBelow(limit: bigint, random: RandomSource): bigint {
  const bits = (limit - 1n).toString(2).length;
  for (;;) {
    const bytes = random(Math.ceil(bits / 8));
    const drawn = BigInt.asUintN(
      bits,
      bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
    );
    if (drawn < limit) return drawn;
  }
}
