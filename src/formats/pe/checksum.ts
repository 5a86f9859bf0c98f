const FIELD_SIZE = 4;
const WORD_SIZE = 4;

/** Adding carries back in gives the remainder by this, but never 0 unless all words are 0. */
const MODULUS = 0xffff;

/** The sum of this many 32-bit words is less than 2^53. */
const WORDS_AT_ONCE = 1 << 20;

/**
 * Computes the CheckSum of a PE file: the sum of its 16-bit words, without CheckSum itself, with every carry added back
 * in and an odd last byte as a word of its own; plus the file's length (`CheckSumMappedFile()` of imagehlp).
 *
 * @param checkSumOffset - of CheckSum, in bytes from the start of the file
 */
export function computeCheckSum(file: Uint8Array, checkSumOffset: number): number {
  let own = 0;
  for (let at = checkSumOffset; at < checkSumOffset + FIELD_SIZE; at += 1) {
    own += (file[at] ?? 0) << (8 * (at % 2));
  }
  const sum = (sumOfWords(file) + MODULUS * FIELD_SIZE - own) % MODULUS || MODULUS;
  return (sum + file.length) % 2 ** 32;
}

/** The sum of the 16-bit words, modulo 65535: modulo that, a 32-bit word is the sum of its halves. */
function sumOfWords(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = file.length - (file.length % WORD_SIZE);
  let sum = 0;
  for (let start = 0; start < end; start += WORDS_AT_ONCE * WORD_SIZE) {
    const stop = Math.min(end, start + WORDS_AT_ONCE * WORD_SIZE);
    for (let at = start; at < stop; at += WORD_SIZE) sum += view.getUint32(at, true);
    sum %= MODULUS;
  }
  for (let at = end; at < file.length; at += 1) sum += (file[at] ?? 0) << (8 * (at % 2));
  return sum % MODULUS;
}
