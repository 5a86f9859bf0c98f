import { type Range, rangeOf } from '../base/range.js';
import { readAddressCells, readSizeCells } from '../formats/fdt/cells.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../formats/fdt/tree.js';
import { readFirstText, readReg } from '../formats/fdt/values.js';

/**
 * The ranges that the device tree sets aside: its reservation block, and /reserved-memory nodes at a fixed place that
 * are not disabled (`fdt_scan_reserved_mem()`).
 */
export function findReservations({ root, reservations }: Fdt): Range[] {
  const reservedMemory = findNode(root, '/reserved-memory');
  return [
    ...reservations.map(({ address, size }) => rangeOf(address, size)),
    ...(reservedMemory?.children.filter(isAvailable).flatMap((node) => readRegRanges(node, reservedMemory)) ??
      []),
  ];
}

/** Whether a node describes RAM: Devicetree Specification v0.4, section 3.4. */
export function isMemory(node: FdtNode): boolean {
  const type = getProperty(node, 'device_type');
  return type !== undefined && readFirstText(type) === 'memory';
}

/**
 * Whether the kernel uses a node: it has no `status`, or that is `okay`: kernel function
 * `of_fdt_device_is_available()`.
 */
export function isAvailable(node: FdtNode): boolean {
  const status = getProperty(node, 'status');
  return status === undefined || ['okay', 'ok'].includes(readFirstText(status));
}

/** The ranges of a node's `reg`, in its parent's cells; empty ones left out. @throws KexecError `EINVAL`. */
export function readRegRanges(node: FdtNode, parent: FdtNode): Range[] {
  const reg = getProperty(node, 'reg');
  if (reg === undefined) return [];
  return readReg(reg, readAddressCells(parent), readSizeCells(parent))
    .map(({ address, size }) => rangeOf(address, size))
    .filter(({ start, end }) => start < end);
}

/** Whether the kernel was booted by UEFI, whose memory map it uses (`efi_get_fdt_params()`). */
export function hasUefiMap(fdt: Fdt): boolean {
  const chosen = findNode(fdt, '/chosen');
  return chosen !== undefined && getProperty(chosen, 'linux,uefi-mmap-start') !== undefined;
}
