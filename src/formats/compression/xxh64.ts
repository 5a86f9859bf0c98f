/** XXH64, whose low half Zstandard stores. 64-bit numbers are two halves, because bigint would take minutes. */

interface Half64 {
  high: number;
  low: number;
}

const half = (value: bigint): Half64 => ({
  high: Number(value >> 32n) | 0,
  low: Number(value & 0xffffffffn) | 0,
});

const P1 = half(0x9e3779b185ebca87n);
const P2 = half(0xc2b2ae3d27d4eb4fn);
const P3 = half(0x165667b19e3779f9n);
const P4 = half(0x85ebca77c2b2ae63n);
const P5 = half(0x27d4eb2f165667c5n);

/** The low 32 bits of XXH64 with seed 0. Not cut: the steps of the algorithm are in its order. */
export function xxh64Low(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  const input: Half64 = { high: 0, low: 0 };
  const read64 = (at: number): Half64 => {
    input.low = view.getInt32(at, true);
    input.high = view.getInt32(at + 4, true);
    return input;
  };
  const hash: Half64 = { ...P5 };
  let at = 0;
  if (length >= 32) {
    const lanes = [sum(P1, P2), { ...P2 }, { high: 0, low: 0 }, negative(P1)] as const;
    for (; at + 32 <= length; at += 32) {
      round(lanes[0], read64(at));
      round(lanes[1], read64(at + 8));
      round(lanes[2], read64(at + 16));
      round(lanes[3], read64(at + 24));
    }
    hash.high = 0;
    hash.low = 0;
    lanes.forEach((lane, index) => {
      const rotated = { ...lane };
      rotate(rotated, [1, 7, 12, 18][index] ?? 0);
      add(hash, rotated);
    });
    for (const lane of lanes) {
      merge(hash, lane);
    }
  }
  add(hash, { high: 0, low: length });
  for (; at + 8 <= length; at += 8) {
    const lane: Half64 = { high: 0, low: 0 };
    round(lane, read64(at));
    xor(hash, lane);
    rotate(hash, 27);
    multiply(hash, P1);
    add(hash, P4);
  }
  if (at + 4 <= length) {
    const word: Half64 = { high: 0, low: view.getInt32(at, true) };
    multiply(word, P1);
    xor(hash, word);
    rotate(hash, 23);
    multiply(hash, P2);
    add(hash, P3);
    at += 4;
  }
  for (; at < length; at += 1) {
    const byte: Half64 = { high: 0, low: bytes[at] ?? 0 };
    multiply(byte, P5);
    xor(hash, byte);
    rotate(hash, 11);
    multiply(hash, P1);
  }
  shiftXor(hash, 33);
  multiply(hash, P2);
  shiftXor(hash, 29);
  multiply(hash, P3);
  shiftXor(hash, 32);
  return hash.low >>> 0;
}

function round(lane: Half64, input: Half64): void {
  multiply(input, P2);
  add(lane, input);
  rotate(lane, 31);
  multiply(lane, P1);
}

function merge(hash: Half64, lane: Half64): void {
  const value: Half64 = { high: 0, low: 0 };
  round(value, { ...lane });
  xor(hash, value);
  multiply(hash, P1);
  add(hash, P4);
}

function sum(a: Half64, b: Half64): Half64 {
  const result = { ...a };
  add(result, b);
  return result;
}

function negative({ high, low }: Half64): Half64 {
  return { high: low === 0 ? -high | 0 : ~high, low: -low | 0 };
}

function add(target: Half64, { high, low }: Half64): void {
  const before = target.low;
  target.low = (target.low + low) | 0;
  const carry = target.low >>> 0 < before >>> 0 ? 1 : 0;
  target.high = (target.high + high + carry) | 0;
}

function xor(target: Half64, { high, low }: Half64): void {
  target.high ^= high;
  target.low ^= low;
}

/** Left, by 1 to 31 bits. */
function rotate(target: Half64, bits: number): void {
  const { high, low } = target;
  target.high = (high << bits) | (low >>> (32 - bits));
  target.low = (low << bits) | (high >>> (32 - bits));
}

/** Exclusive or with itself, shifted right by 29, 32 or 33 bits. */
function shiftXor(target: Half64, bits: number): void {
  const { high, low } = target;
  if (bits >= 32) {
    target.low ^= high >>> (bits - 32);
    return;
  }
  target.low ^= (low >>> bits) | (high << (32 - bits));
  target.high ^= high >>> bits;
}

/** Keeps the low 64 bits of a product, computed from products of 16 bits. */
function multiply(target: Half64, { high, low }: Half64): void {
  const a0 = target.low & 0xffff;
  const a1 = target.low >>> 16;
  const b0 = low & 0xffff;
  const b1 = low >>> 16;
  const low0 = a0 * b0;
  const middle = a1 * b0 + (low0 >>> 16);
  const middle2 = a0 * b1 + (middle & 0xffff);
  const carried = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(middle2 / 0x10000);
  target.high = (carried + Math.imul(target.high, low) + Math.imul(target.low, high)) | 0;
  target.low = ((middle2 & 0xffff) << 16) | (low0 & 0xffff) | 0;
}
