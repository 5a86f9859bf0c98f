/** Where the running kernel, and what it was booted with, lie in memory. */
import { attempt, KexecError } from '../base/error.js';
import { intersect, type Range } from '../base/range.js';
import { alignDown, alignUp } from '../base/u64.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import type { Fdt } from '../formats/fdt/tree.js';
import { readCells } from '../formats/fdt/values.js';
import { findMachineArchitecture, readBootTree } from './architectures.js';
import { hasUefiMap, isAvailable, readRegRanges } from './device-tree.js';
import type { MachineFacts } from './machine-facts.js';

/** `kernel`: the image, where it is neither code nor data, or where these are not known apart. */
export type RunningPart = 'kernel' | 'kernel code' | 'kernel data' | 'initrd' | 'dtb';

/** What is known about the memory of the running kernel; ranges are in whole pages. */
export interface RunningMemory {
  readonly parts: readonly { readonly part: RunningPart; readonly range: Range }[];
  /** The nodes of /reserved-memory by their names, with unit address. */
  readonly reservations: readonly { readonly name: string; readonly range: Range }[];
  /** What may lie in memory at a place that is not known. */
  readonly unknown: readonly RunningPart[];
  /** Whether firmware may have reserved memory in ways that only the kernel knows: UEFI's memory map. */
  readonly hasUefiMap: boolean;
}

/**
 * Finds the memory of the running kernel, its initrd and its device tree, as far as the machine value knows it.
 *
 * The kernel's image is that of `/proc/iomem`, else that of the crash facts. The kernel usually frees the initrd's
 * memory once it is unpacked: where memblock or iomem say that the range is free, it is no initrd any more.
 */
export function findRunningMemory(machine: MachineFacts): RunningMemory {
  const tree = readBootTree(machine);
  const isUefi = tree !== undefined && hasUefiMap(tree);
  // Without one, the kernel frees its initrd as soon as it is unpacked.
  const hasTree = findMachineArchitecture(machine).bootsWithTree;
  const kernel = listImageParts(machine);
  const initrd = tree && findTreeInitrd(tree);
  const dtb = tree && findMachineArchitecture(machine).findBootTreeRange(machine);
  const parts = [
    ...kernel,
    ...keepReserved('initrd', initrd, machine),
    ...keepReserved('dtb', dtb, machine),
  ] as const;
  return {
    parts: parts.map(({ part, range }) => ({ part, range: toPages(range, machine.pageSize) })),
    reservations: tree === undefined ? [] : listReservedNodes(tree),
    unknown: [
      ...(kernel.length === 0 ? (['kernel'] as const) : []),
      // The EFI stub hands the initrd over by a table of its own: LINUX_EFI_INITRD_MEDIA_GUID.
      ...(hasTree && initrd === undefined && (tree === undefined || isUefi) ? (['initrd'] as const) : []),
      ...(hasTree && dtb === undefined ? (['dtb'] as const) : []),
    ],
    hasUefiMap: isUefi,
  };
}

function listImageParts({ kernelImage, crash, reserved }: MachineFacts): RunningMemory['parts'] {
  const { code, data } = kernelImage ?? {};
  const listed = [
    ...(code === undefined ? [] : [{ part: 'kernel code', range: code } as const]),
    ...(code === undefined || data === undefined ? [] : listBetween(code, data, reserved)),
    ...(data === undefined ? [] : [{ part: 'kernel data', range: data } as const]),
  ];
  if (listed.length > 0 || crash === undefined) return listed;
  return [{ part: 'kernel', range: { start: crash.text.start, end: crash.text.end } }];
}

/** The image between code and data: read-only data, and what the kernel has freed since it started. */
function listBetween(code: Range, data: Range, reserved: readonly Range[]): RunningMemory['parts'] {
  if (code.end >= data.start) return [];
  return intersect([{ start: code.end, end: data.start }], reserved).map((range) => ({
    part: 'kernel',
    range,
  }));
}

/** The initrd of /chosen; undefined if there is none, or if its properties are malformed. */
export function findTreeInitrd(tree: Fdt): Range | undefined {
  const chosen = findNode(tree, '/chosen');
  const [first, last] = ['linux,initrd-start', 'linux,initrd-end'].map(
    (name) => chosen && getProperty(chosen, name),
  );
  if (first === undefined || last === undefined) return undefined;
  const range = attempt(() => ({
    start: readCells(first, first.length / 4),
    end: readCells(last, last.length / 4),
  }));
  return range instanceof KexecError || range.end <= range.start ? undefined : range;
}

/** A part in memory that is still taken. Without memblock or iomem, that is not known, and it counts as taken. */
function keepReserved(
  part: RunningPart,
  range: Range | undefined,
  { memorySource, reserved }: MachineFacts,
): RunningMemory['parts'] {
  if (range === undefined) return [];
  const ranges = memorySource === 'device-tree' ? [range] : intersect([range], reserved);
  return ranges.map((taken) => ({ part, range: taken }));
}

function listReservedNodes({ root }: Fdt): RunningMemory['reservations'] {
  const parent = findNode(root, '/reserved-memory');
  if (parent === undefined) return [];
  return parent.children.filter(isAvailable).flatMap((node) => {
    const ranges = attempt(() => readRegRanges(node, parent));
    if (ranges instanceof KexecError) return [];
    return ranges.map((range) => ({ name: node.name, range }));
  });
}

function toPages({ start, end }: Range, pageSize: number): Range {
  const page = BigInt(pageSize);
  return { start: alignDown(start, page), end: alignUp(end, page) };
}
