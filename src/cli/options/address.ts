import { InvalidArgumentError } from 'commander';
import { U64_LIMIT } from '../../base/u64.js';

/** Parses an address. @throws InvalidArgumentError */
export function parseAddress(text: string): bigint {
  const isNumber = /^(0x[0-9a-f]+|[0-9]+)$/i.test(text);
  if (!isNumber || BigInt(text) >= U64_LIMIT) {
    throw new InvalidArgumentError('an address such as 0x80000000, of at most 64 bits, is needed');
  }
  return BigInt(text);
}
