import { attachMessage, signedMessage } from '../authenticode.js';
import { casesOf } from '../case.js';
import { layoutOf, withDirectory } from '../image.js';
import { flipped } from '../mutations.js';
import type { BriefKind } from './brief-case.js';

/** Debian's kernel with its signature, without, changed, and signed by a key that the firmware trusts. */
export function debianKernelKind(kernel: Uint8Array): BriefKind {
  const signature = Buffer.from(kernel).readUInt32LE(layoutOf(kernel).certificateEntry);
  const unsigned = withDirectory(kernel.subarray(0, signature), 0, 0);
  const cases = casesOf({
    "with Debian's signature": () => kernel,
    unsigned: () => unsigned,
    'with a changed bit': () => flipped(kernel, kernel.length >> 1) ?? kernel,
    'with our signature': () => attachMessage(unsigned, signedMessage({ image: unsigned })),
  });
  return {
    name: "Debian's kernel",
    isForeign: true,
    cases: cases.map((one) => ({ ...one, type: 'default' })),
  };
}
