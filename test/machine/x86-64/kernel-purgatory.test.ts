import { describe, expect, it } from 'vitest';
import { findKernelPurgatory } from '../../../src/machine/x86-64/kernel-purgatory.js';

/** The beginning of a relocatable object for x86_64, with a number of section headers at an offset. */
function objectStart(offset: bigint, count: number): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.set([1, 0, 62, 0, 1], 16);
  view.setBigUint64(40, offset, true);
  view.setUint16(52, 64, true);
  view.setUint16(58, 64, true);
  view.setUint16(60, count, true);
  return bytes;
}

describe('a kernel without a purgatory', () => {
  it.each([
    ['nothing', new Uint8Array(0)],
    ['zeros', new Uint8Array(100_000)],
    ['an object without symbols', objectStart(64n, 0)],
    ['an object that leaves the kernel', objectStart(1n << 62n, 3)],
    ['the beginning of an object', objectStart(64n, 0).subarray(0, 30)],
    ['many beginnings', new Uint8Array(Buffer.concat(Array(1000).fill(objectStart(64n, 0))))],
  ])('%s', (_, vmlinux) => {
    expect(findKernelPurgatory(vmlinux)).toBeUndefined();
  });
});
