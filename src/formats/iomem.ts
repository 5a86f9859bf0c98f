import { refuse } from '../base/error.js';
import { contains, overlaps, type Range, rangeOf } from '../base/range.js';

/** One line of `/proc/iomem` with the lines nested in it. */
export interface Resource {
  readonly name: string;
  readonly range: Range;
  readonly children: readonly Resource[];
}

const LINE = /^( *)([0-9a-f]{1,16})-([0-9a-f]{1,16}) : (.*)$/i;

/** A kernel nests a handful of levels; more than this is not its doing. */
const DEEPEST = 16;

interface OpenResource extends Resource {
  readonly children: OpenResource[];
  readonly indent: number;
}

/**
 * `/proc/iomem` (kernel function `r_show()`): a tree of resources, inclusive hexadecimal ends made half-open.
 *
 * A child is known by its place inside the line above, whether it is indented below its parent, as the kernel
 * prints it, or stands flat behind it, as tools that strip white space leave it.
 *
 * @throws KexecError `EINVAL` for a line that is none, ranges that overlap without nesting, an indented line
 * outside its parent, or addresses that are all zero because the reader was not root.
 */
export function parseIomem(text: string): Resource[] {
  const roots: OpenResource[] = [];
  const open: OpenResource[] = [];

  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const resource = parseLine(line, index + 1);
    while (open.length > 0 && !contains((open.at(-1) as OpenResource).range, resource.range)) open.pop();
    const parent = open.at(-1);

    if (resource.indent > 0 && (parent === undefined || parent.indent > resource.indent)) {
      refuse(
        'iomem-line',
        'EINVAL',
        `iomem: line ${index + 1}, "${line.trim()}", is indented but lies in no range above it`,
      );
    }
    const siblings = parent?.children ?? roots;
    const before = siblings.at(-1);
    if (before !== undefined && overlaps(before.range, resource.range)) {
      refuse(
        'iomem-line',
        'EINVAL',
        `iomem: line ${index + 1}, "${line.trim()}", overlaps "${before.name}" without lying in it`,
      );
    }
    siblings.push(resource);
    open.push(resource);
    if (open.length > DEEPEST)
      refuse('iomem-line', 'EINVAL', `iomem: line ${index + 1} is nested more than ${DEEPEST} deep`);
  }
  if (roots.length > 0 && roots.every(({ range }) => range.start === 0n && range.end === 1n)) {
    refuse(
      'iomem-line',
      'EINVAL',
      `iomem: every address is 0: /proc/iomem was read without CAP_SYS_ADMIN; read it as root`,
    );
  }
  return roots;
}

/** The ranges of top-level "System RAM", lowest first. */
export function findSystemRam(resources: readonly Resource[]): Range[] {
  return resources.filter(({ name }) => name === 'System RAM').map(({ range }) => range);
}

/**
 * What is taken inside System RAM: every child (kernel code and data, memblock's reservations, the crash
 * kernel's region). On arm64 the kernel lists there all that memblock has reserved, in whole pages
 * (`reserve_memblock_reserved_regions()`).
 */
export function findTakenRam(resources: readonly Resource[]): Range[] {
  return resources
    .filter(({ name }) => name === 'System RAM')
    .flatMap(({ children }) => children.map(({ range }) => range));
}

/** The ranges named "Crash kernel", wherever they stand, lowest first. */
export function findCrashKernelRanges(resources: readonly Resource[]): Range[] {
  return resources.flatMap(({ name, range, children }) => [
    ...(name === 'Crash kernel' ? [range] : []),
    ...findCrashKernelRanges(children),
  ]);
}

function parseLine(line: string, number: number): OpenResource {
  const match = LINE.exec(line.trimEnd());
  if (match === null)
    refuse('iomem-line', 'EINVAL', `iomem: line ${number}, "${line.trim().slice(0, 60)}", is no resource`);
  const [, indent = '', first = '', last = '', name = ''] = match;
  const start = BigInt(`0x${first}`);
  return {
    name,
    range: rangeOf(start, BigInt(`0x${last}`) + 1n - start),
    indent: indent.length,
    children: [],
  };
}
