/** How commander parses the values of options. */
import { InvalidArgumentError, Option } from 'commander';
import { parseU64 } from './numbers.js';

/** Collects the values of a repeatable option. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** An option that may be given several times; its value is an empty list by default. */
export function buildListOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([]);
}

/** Parses an address. @throws InvalidArgumentError */
export function parseAddress(text: string): bigint {
  const address = parseU64(text);
  if (address !== undefined) return address;
  throw new InvalidArgumentError('an address such as 0x80000000, of at most 64 bits, is needed');
}

/**
 * Makes a parser of whole numbers.
 *
 * @param minimum - the least number that is accepted
 * @param maximum - the greatest
 */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= minimum && number <= maximum) return number;
    throw new InvalidArgumentError(`a whole number from ${minimum} to ${maximum} is needed`);
  };
}

/** The most shards of a fleet. */
const MAX_SHARDS = 100_000;

/** Parses `K/N`: one of N parts. @throws InvalidArgumentError */
export function parseShard(text: string): { readonly index: number; readonly count: number } {
  const [, index = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= count && count <= MAX_SHARDS) return { index, count };
  throw new InvalidArgumentError(
    `K/N is needed, such as 1/4, with K from 1 to N and N of at most ${MAX_SHARDS}`,
  );
}
