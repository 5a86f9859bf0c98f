/** Gives `length` random bytes, fit for keys. */
export type RandomSource = (length: number) => Uint8Array;

/** Randomness of the system's, fit for keys. */
export const systemRandom: RandomSource = (length) => crypto.getRandomValues(new Uint8Array(length));

/**
 * A number from 0 up to, not including, `limit`, each as likely as any other: numbers of as many bits are drawn until
 * one is below it, which is every second one at least.
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
