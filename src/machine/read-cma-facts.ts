import { U64_LIMIT } from '../base/u64.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../formats/fdt/tree.js';
import { readStrings } from '../formats/fdt/values.js';
import type { CmaFacts } from './cma-facts.js';
import type { Collected } from './collected.js';
import { findParameterValues } from './command-line.js';
import { isAvailable, readRegRanges } from './device-tree.js';
import { memparse, readLeadingSize } from './memparse.js';

/** Reads `CmaTotal` of `/proc/meminfo`, which a kernel with CONFIG_CMA prints. @returns undefined if it does not */
export function readCmaFacts({ meminfo, cmdline = '' }: Collected, fdt?: Fdt): CmaFacts | undefined {
  const kibibytes = /^CmaTotal: +(\d{1,15}) kB$/m.exec(meminfo ?? '')?.[1];
  if (kibibytes === undefined) return undefined;
  const total = BigInt(kibibytes) * 1024n;
  // With cma=, the kernel bypasses the node: `rmem_cma_setup()`.
  const asked = findParameterValues(cmdline, 'cma').at(-1);
  const defaultArea = asked === undefined ? fdt && findDefaultArea(fdt) : findFixedArea(asked, total);
  return { total, ...(defaultArea === undefined ? {} : { defaultArea }) };
}

/**
 * The area of `cma=SIZE@START` or `SIZE@START-END`, if it leaves the kernel no choice (`early_cma()`), and the kernel
 * reserved as much. Its allocator may have rounded the size up.
 */
function findFixedArea(asked: string, total: bigint): CmaFacts['defaultArea'] {
  const size = readLeadingSize(asked);
  if (size === undefined || asked.charAt(size.length) !== '@' || size.bytes > total) return undefined;
  const place = asked.slice(size.length + 1);
  const start = readLeadingSize(place);
  if (start === undefined) return undefined;
  const end = start.bytes + size.bytes;
  const hasLimit = place.charAt(start.length) === '-';
  if (hasLimit && memparse(place.slice(start.length + 1)) !== end) return undefined;
  return end > U64_LIMIT || size.bytes === 0n ? undefined : { start: start.bytes, end };
}

/** The place of the /reserved-memory node that is `linux,cma-default`, if it has a fixed one. */
function findDefaultArea({ root }: Fdt): CmaFacts['defaultArea'] {
  const reserved = findNode(root, '/reserved-memory');
  const node = reserved?.children.find((child) => isAvailable(child) && isDefaultArea(child));
  return reserved && node && readRegRanges(node, reserved)[0];
}

function isDefaultArea(node: FdtNode): boolean {
  const compatible = getProperty(node, 'compatible');
  return (
    compatible !== undefined &&
    readStrings(compatible).includes('shared-dma-pool') &&
    ['reusable', 'linux,cma-default'].every((name) => getProperty(node, name) !== undefined) &&
    getProperty(node, 'no-map') === undefined
  );
}
