/** Numbers of options, without commander: called as kexec, the program does not load it. */
import { attempt, KexecError, refuse } from '../../base/error.js';
import { type Range, range } from '../../base/range.js';
import { U64_LIMIT } from '../../base/u64.js';

/**
 * Parses a number of at most 64 bits.
 *
 * @param text - decimal, or hexadecimal after `0x`
 * @returns undefined if it is anything else
 */
export function parseU64(text: string): bigint | undefined {
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return undefined;
  const number = BigInt(text);
  return number < U64_LIMIT ? number : undefined;
}

/** The options for the place of segments. Both addresses are included. */
export interface WindowArguments {
  readonly memMin?: bigint | undefined;
  readonly memMax?: bigint | undefined;
}

/**
 * Builds the range that all segments must lie in.
 *
 * @returns undefined if neither address is given
 * @throws KexecError check `range-order`, if the range ends before it starts
 */
export function buildWindow({ memMin, memMax }: WindowArguments): Range | undefined {
  if (memMin === undefined && memMax === undefined) return undefined;
  const end = memMax === undefined ? U64_LIMIT : memMax + 1n;
  const window = attempt(() => range(memMin ?? 0n, end));
  if (!(window instanceof KexecError)) return window;
  refuse('range-order', 'EINVAL', window.seen, {
    cure: 'give --mem-min the lower address and --mem-max the higher one',
  });
}
