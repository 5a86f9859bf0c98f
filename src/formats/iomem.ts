import { refuse } from '../base/error.js';
import { contains, isEmpty, overlaps, type Range, rangeOf } from '../base/range.js';

/** A line of `/proc/iomem` with the lines nested in it. */
export interface Resource {
  readonly name: string;
  readonly range: Range;
  readonly children: readonly Resource[];
}

const LINE = /^( *)([0-9a-f]{1,16})-([0-9a-f]{1,16}) : (.*)$/i;

/** A kernel prints a few levels only. */
const MAX_LEVELS = 16;

interface OpenResource extends Resource {
  readonly children: OpenResource[];
  readonly indent: number;
}

/**
 * Parses `/proc/iomem` (kernel function `r_show()`). The inclusive ends of its lines become half-open.
 *
 * A line is a child of the line above that contains its range, with or without the kernel's indentation: some tools
 * strip white space.
 *
 * @returns the top-level resources, in order
 * @throws KexecError `EINVAL`, check `iomem-line`, for a malformed line, ranges that overlap without nesting or are not
 *   lowest first, an indented line outside its parent, or addresses that are all zero because the reader was not root.
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
    if (before !== undefined && resource.range.start < before.range.end) {
      const fault = overlaps(before.range, resource.range)
        ? `overlaps "${before.name}" but does not lie in it`
        : `lies below "${before.name}", which stands above it`;
      refuse('iomem-line', 'EINVAL', `iomem: line ${index + 1}, "${line.trim()}", ${fault}`);
    }
    siblings.push(resource);
    open.push(resource);
    if (open.length > MAX_LEVELS)
      refuse('iomem-line', 'EINVAL', `iomem: line ${index + 1} is nested more than ${MAX_LEVELS} deep`);
  }
  if (roots.length > 0 && roots.every(({ range }) => range.start === 0n && range.end === 1n)) {
    refuse(
      'iomem-line',
      'EINVAL',
      'iomem: every address is 0, because /proc/iomem was read without CAP_SYS_ADMIN',
    );
  }
  return roots;
}

/**
 * Finds the ranges of "System RAM", lowest first: at the top level, or below a range that is no RAM itself, as RAM in a
 * "CXL Window" is.
 */
export function findSystemRam(resources: readonly Resource[]): Range[] {
  return findRam(resources).flatMap(({ name, range }) => (name === SYSTEM_RAM ? [range] : []));
}

/**
 * Finds the RAM that drivers have added and manage, lowest first: "System RAM (kmem)" or "System RAM (virtio_mem)" at
 * any level (kernel function `add_memory_driver_managed()`).
 */
export function findDriverManagedRam(resources: readonly Resource[]): Range[] {
  return findRam(resources).flatMap(({ name, range }) => (name === SYSTEM_RAM ? [] : [range]));
}

/**
 * Finds the ranges in use inside System RAM: every child, such as kernel code and data, memblock's reservations and the
 * crash region. On arm64, the kernel lists all reservations of memblock there, in whole pages
 * (`reserve_memblock_reserved_regions()`).
 */
export function findTakenRam(resources: readonly Resource[]): Range[] {
  return findRam(resources).flatMap(({ name, children }) =>
    name === SYSTEM_RAM ? children.map(({ range }) => range) : [],
  );
}

const SYSTEM_RAM = 'System RAM';
const DRIVER_MANAGED = /^System RAM \(.+\)$/;

/** The outermost ranges of RAM of either kind, lowest first. */
function findRam(resources: readonly Resource[]): Resource[] {
  return resources.flatMap((resource) =>
    resource.name === SYSTEM_RAM || DRIVER_MANAGED.test(resource.name)
      ? [resource]
      : findRam(resource.children),
  );
}

/** Finds the first range of a name, at any level: "Kernel code". */
export function findResource(resources: readonly Resource[], name: string): Range | undefined {
  for (const resource of resources) {
    const found = resource.name === name ? resource.range : findResource(resource.children, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Finds the ranges named "Crash kernel" at any level, lowest first. */
export function findCrashKernelRanges(resources: readonly Resource[]): Range[] {
  return resources.flatMap(({ name, range, children }) => [
    ...(name === 'Crash kernel' ? [range] : []),
    ...findCrashKernelRanges(children),
  ]);
}

function parseLine(line: string, number: number): OpenResource {
  const match = LINE.exec(line.trimEnd());
  if (match === null)
    refuse(
      'iomem-line',
      'EINVAL',
      `iomem: line ${number}, "${line.trim().slice(0, 60)}", is not of the form START-END : NAME`,
    );
  const [, indent = '', first = '', last = '', name = ''] = match;
  const start = BigInt(`0x${first}`);
  const range = rangeOf(start, BigInt(`0x${last}`) + 1n - start);
  if (isEmpty(range))
    refuse('iomem-line', 'EINVAL', `iomem: line ${number}, "${line.trim().slice(0, 60)}", is an empty range`);
  return {
    name,
    range,
    indent: indent.length,
    children: [],
  };
}
