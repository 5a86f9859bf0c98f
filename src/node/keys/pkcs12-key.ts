import { createHash } from 'node:crypto';

/** What a key is derived from. */
export interface Pkcs12Derivation {
  /** OpenSSL's name. */
  readonly hash: string;
  readonly passphrase: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly purpose: 'key' | 'iv' | 'mac';
  /** Of the result, in bytes. */
  readonly size: number;
}

const PURPOSES = { key: 1, iv: 2, mac: 3 } as const;

/** The block sizes of the hashes, in bytes. */
const BLOCK_SIZES: Readonly<Record<string, number>> = { sha384: 128, sha512: 128 };
const BLOCK_SIZE = 64;

/**
 * Derives a key, an initialization vector or a MAC key from a passphrase, by PKCS#12's own method: RFC 7292, appendix
 * B.2.
 */
export function derivePkcs12Key(derivation: Pkcs12Derivation): Uint8Array {
  const { hash, passphrase, salt, iterations, purpose, size } = derivation;
  const block = BLOCK_SIZES[hash] ?? BLOCK_SIZE;
  const diversifier = Buffer.alloc(block, PURPOSES[purpose]);
  const input = Buffer.concat([repeat(salt, block), repeat(encodeBmp(passphrase), block)]);
  const result: Buffer[] = [];
  for (let length = 0; length < size; ) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round += 1) digest = createHash(hash).update(digest).digest();
    result.push(digest);
    length += digest.length;
    addToBlocks(input, repeat(digest, block).subarray(0, block));
  }
  return Buffer.concat(result).subarray(0, size);
}

/** Adds a number, and one, to each block of a buffer. */
function addToBlocks(input: Buffer, addend: Buffer): void {
  for (let start = 0; start < input.length; start += addend.length) {
    let carry = 1;
    for (let at = addend.length - 1; at >= 0; at -= 1) {
      const sum = (input[start + at] as number) + (addend[at] as number) + carry;
      input[start + at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}

/** Repeats bytes up to whole blocks. */
function repeat(bytes: Uint8Array, block: number): Buffer {
  const size = Math.ceil(bytes.length / block) * block;
  return Buffer.alloc(size, bytes.length === 0 ? undefined : bytes);
}

/** BMPString with its terminating zero, both bytes big-endian: RFC 7292, appendix B.1. */
function encodeBmp(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf16le').swap16();
}
