import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { FdtNode } from '../../../src/formats/fdt/tree.js';

/** The kernel that reads them wipes them: kaslr-seed becomes 0, and rng-seed no property at all. */
const SEEDS = ['kaslr-seed', 'rng-seed'];

/**
 * Where the device tree that was made for the next kernel is another than the one which that kernel says it was booted
 * with: nodes and properties in their order, values byte by byte, reservations. Seeds are left out.
 *
 * @returns what differs, in words; nothing if nothing does
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
      .filter((property) => !(path === '/chosen/' && SEEDS.includes(property.name)))
      .map((property) => `${path}${property.name} = ${Buffer.from(property.value).toString('hex')}`),
    ...children.flatMap((child) => nodeLines(child, path)),
  ];
}
