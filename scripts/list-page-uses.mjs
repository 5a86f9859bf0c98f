/**
 * Lists what the kernel in a vmcore used page frames for, by its `struct page` and the debug information of its
 * vmlinux: the reference for the tests of filters. The reader is in test/conformance/crash, and shares no code with the
 * filters.
 *
 *     npm run build && node scripts/list-page-uses.mjs VMCORE VMLINUX FRAME...
 *
 * Prints JSON: for each FRAME, a string with a character for each of the 1024 page frames from it on. It is the sum of
 * the filter's levels that leave the page out, in base 32.
 */

import { loadBundled } from './load-bundled.mjs';

const [vmcore, vmlinux, ...frames] = process.argv.slice(2);
if (frames.length === 0) {
  console.error('usage: node scripts/list-page-uses.mjs VMCORE VMLINUX FRAME...');
  process.exit(2);
}
const { listUses } = await loadBundled(
  'test/conformance/crash/reference.ts',
  'build/conformance/reference.mjs',
);
const uses = listUses(vmcore, vmlinux);
const listed = frames.map((frame) => {
  const numbers = Array.from({ length: 1024 }, (_, index) => Number(frame) + index);
  return [frame, numbers.map((number) => uses.get(number)?.toString(32) ?? '-').join('')];
});
console.log(JSON.stringify(Object.fromEntries(listed), undefined, 2));
