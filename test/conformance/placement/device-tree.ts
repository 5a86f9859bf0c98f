import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { FdtNode } from '../../../src/formats/fdt/tree.js';

/** The kernel wipes them when it reads them: it sets kaslr-seed to 0 and removes the others. */
const WIPED = ['kaslr-seed', 'rng-seed', 'linux,dmcryptkeys'];

/**
 * Compares our device tree for the next kernel with the one that this kernel reports: nodes and properties in order,
 * values byte by byte, and reservations, without what it wipes.
 *
 * @returns the differences, in words
 */
export function compareDeviceTrees(ours: Uint8Array, theirs: Uint8Array): string[] {
  const [here, there] = [linesOf(ours), linesOf(theirs)];
  const missing = there.filter((line) => !here.includes(line)).map((line) => `only in the kernel's: ${line}`);
  const extra = here.filter((line) => !there.includes(line)).map((line) => `only in ours: ${line}`);
  const differences = [...missing, ...extra];
  if (differences.length === 0 && here.join() !== there.join()) return ['the same, in another order'];
  return differences;
}

function linesOf(deviceTree: Uint8Array): string[] {
  const { root, reservations } = parseFdt(deviceTree);
  const reserved = reservations.map(
    ({ address, size }) => `reservation ${address.toString(16)} ${size.toString(16)}`,
  );
  return [...reserved, ...nodeLines(root, '')];
}

function nodeLines({ name, properties, children }: FdtNode, parent: string): string[] {
  const path = `${parent}${name}/`;
  return [
    path,
    ...properties
      .filter((property) => !(path === '/chosen/' && WIPED.includes(property.name)))
      .map((property) => `${path}${property.name} = ${Buffer.from(property.value).toString('hex')}`),
    ...children.flatMap((child) => nodeLines(child, path)),
  ];
}
