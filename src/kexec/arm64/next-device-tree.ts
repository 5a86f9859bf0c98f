import { refuse } from '../../base/error.js';
import type { RandomSource } from '../../base/random.js';
import { formatRange, type Range, size } from '../../base/range.js';
import type { Trail } from '../../base/trail.js';
import { alignUp, hex } from '../../base/u64.js';
import { readAddressCells, readSizeCells } from '../../formats/fdt/cells.js';
import {
  addNode,
  addReservation,
  appendProperty,
  deleteProperty,
  deleteReservation,
  findNode,
  getProperty,
  setProperty,
} from '../../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../../formats/fdt/tree.js';
import { encodeRange, encodeString, encodeU64, readCells, readReg } from '../../formats/fdt/values.js';
import { writeFdt } from '../../formats/fdt/write.js';
import { readDeviceTree } from '../../machine/arm64/read-device-tree.js';
import type { Machine } from '../../machine/machine-value.js';

/** `RNG_SEED_SIZE` of drivers/of/kexec.c, in bytes. */
const RNG_SEED_SIZE = 128;

/** What the next kernel is told in /chosen. */
export interface ChosenFacts {
  /** Without one, the running kernel's bootargs are deleted, not inherited. */
  readonly commandLine?: string | undefined;
  readonly initrd?: Range | undefined;
  readonly elfcorehdr?: Range | undefined;
  /** Without one, the seeds are left out, as by a kernel whose RNG is not ready. */
  readonly random?: RandomSource | undefined;
}

/**
 * The device tree for the next kernel: the running kernel's, with /chosen and the reservations made new. Kernel
 * function `of_kexec_alloc_and_setup_fdt()`, step by step, so that the same machine and facts give the same bytes.
 *
 * @throws KexecError `EINVAL` if the machine's device tree is malformed or a value does not fit its cells.
 */
export function buildNextDeviceTree(machine: Machine, facts: ChosenFacts, trail: Trail): Uint8Array {
  const fdt = withOwnChosen(readDeviceTree(machine));
  const chosen = findNode(fdt.root, '/chosen') ?? addNode(fdt.root, 'chosen');

  dropOldDeviceTree(fdt, machine, trail);
  dropStale(chosen, 'linux,elfcorehdr', trail);
  dropStale(chosen, 'linux,usable-memory-range', trail);
  dropOldInitrd(fdt, chosen, machine, trail);
  setInitrd(fdt, chosen, facts.initrd, trail);
  if (facts.elfcorehdr !== undefined) setCrash(fdt, chosen, facts.elfcorehdr, machine, trail);
  setBootargs(fdt, chosen, facts.commandLine, trail);
  setSeeds(fdt, chosen, facts.random, trail);
  setProperty(fdt, chosen, 'linux,booted-from-kexec', new Uint8Array(0));
  dropImaBuffer(fdt, chosen, trail);
  return writeFdt(fdt);
}

/** A tree that can be changed in its reservations, its /chosen and what stands around that; the rest is shared. */
function withOwnChosen(fdt: Fdt): Fdt {
  const root = { ...fdt.root, children: fdt.root.children.map((node) => ({ ...node })) };
  const chosen = findNode(root, '/chosen');
  if (chosen !== undefined) {
    chosen.properties = chosen.properties.map((property) => ({ ...property }));
    chosen.children = chosen.children.map((node) => ({ ...node }));
  }
  return { ...fdt, root, reservations: [...fdt.reservations] };
}

function dropOldDeviceTree(fdt: Fdt, machine: Machine, trail: Trail): void {
  const oldSize = BigInt(machine.arm64.deviceTree.length);
  // A bootloader that reserves its device tree reserves exactly its size; where the address was not recorded,
  // the size alone has to tell it from other reservations.
  const start =
    machine.arm64.deviceTreeAddress ?? fdt.reservations.find(({ size }) => size === oldSize)?.address;
  if (start === undefined) return;
  dropReservation(fdt, { start, end: start + oldSize }, 'the old device tree', trail);
}

function dropOldInitrd(fdt: Fdt, chosen: FdtNode, machine: Machine, trail: Trail): void {
  const start = getProperty(chosen, 'linux,initrd-start');
  if (start === undefined) return;
  const end = getProperty(chosen, 'linux,initrd-end');
  if (end === undefined) {
    refuse('dtb-chosen', 'EINVAL', '/chosen has linux,initrd-start but no linux,initrd-end');
  }
  const old = { start: wholeNumber(start), end: wholeNumber(end) };
  if (old.end < old.start) {
    refuse(
      'dtb-chosen',
      'EINVAL',
      `/chosen's linux,initrd-end ${hex(old.end)} is below linux,initrd-start ${hex(old.start)}`,
    );
  }
  // kexec reserves the exact size; firmware may have reserved whole pages.
  const inPages = { start: old.start, end: old.start + alignUp(size(old), BigInt(machine.pageSize)) };
  if (!dropReservation(fdt, old, 'the old initrd', trail))
    dropReservation(fdt, inPages, 'the old initrd', trail);
}

function setInitrd(fdt: Fdt, chosen: FdtNode, initrd: Range | undefined, trail: Trail): void {
  if (initrd === undefined) {
    dropStale(chosen, 'linux,initrd-start', trail);
    dropStale(chosen, 'linux,initrd-end', trail);
    return;
  }
  setProperty(fdt, chosen, 'linux,initrd-start', encodeU64(initrd.start));
  setProperty(fdt, chosen, 'linux,initrd-end', encodeU64(initrd.end));
  addReservation(fdt, initrd.start, size(initrd));
  trail.ok('dtb-chosen', `linux,initrd-start and -end say ${formatRange(initrd)}, which is reserved`);
}

function setCrash(fdt: Fdt, chosen: FdtNode, elfcorehdr: Range, machine: Machine, trail: Trail): void {
  const region = machine.crashRegion;
  if (region === undefined) {
    refuse('crash-region', 'EADDRNOTAVAIL', 'the machine has no crash region');
  }
  const encode = (range: Range): Uint8Array =>
    encodeRange(
      { address: range.start, size: size(range) },
      readAddressCells(fdt.root),
      readSizeCells(fdt.root),
    );

  appendProperty(fdt, chosen, 'linux,elfcorehdr', encode(elfcorehdr));
  addReservation(fdt, elfcorehdr.start, size(elfcorehdr));
  trail.ok('dtb-chosen', `linux,elfcorehdr says ${formatRange(elfcorehdr)}, which is reserved`);

  const usable = region.low === undefined ? [region.high] : [region.high, region.low];
  for (const one of usable) appendProperty(fdt, chosen, 'linux,usable-memory-range', encode(one));
  trail.ok('dtb-chosen', `linux,usable-memory-range says ${usable.map(formatRange).join(', ')}`);
}

function setBootargs(fdt: Fdt, chosen: FdtNode, commandLine: string | undefined, trail: Trail): void {
  if (commandLine === undefined) {
    dropStale(chosen, 'bootargs', trail);
    return;
  }
  setProperty(fdt, chosen, 'bootargs', encodeString(commandLine));
  trail.ok('dtb-chosen', `bootargs is "${commandLine}"`);
}

function setSeeds(fdt: Fdt, chosen: FdtNode, random: RandomSource | undefined, trail: Trail): void {
  deleteProperty(chosen, 'kaslr-seed');
  if (random === undefined) {
    // A stale rng-seed would be used twice; the kernel keeps it, this project does not.
    deleteProperty(chosen, 'rng-seed');
    trail.note('dtb-chosen', 'no random source: the next kernel gets neither kaslr-seed nor rng-seed');
    return;
  }
  setProperty(fdt, chosen, 'kaslr-seed', random(8));
  setProperty(fdt, chosen, 'rng-seed', random(RNG_SEED_SIZE));
  trail.ok('dtb-chosen', `kaslr-seed (8 bytes) and rng-seed (${RNG_SEED_SIZE} bytes) are fresh`);
}

/** The IMA buffer of the kernel before is of no use to the next: kernel function `remove_ima_buffer()`. */
function dropImaBuffer(fdt: Fdt, chosen: FdtNode, trail: Trail): void {
  const value = getProperty(chosen, 'linux,ima-kexec-buffer');
  if (value === undefined) return;
  dropStale(chosen, 'linux,ima-kexec-buffer', trail);
  const [buffer] = readReg(value, readAddressCells(fdt.root), readSizeCells(fdt.root));
  if (buffer === undefined) return;
  const range = { start: buffer.address, end: buffer.address + buffer.size };
  dropReservation(fdt, range, "the last kernel's IMA buffer", trail);
}

function dropStale(chosen: FdtNode, name: string, trail: Trail): void {
  if (deleteProperty(chosen, name)) trail.ok('dtb-chosen', `stale ${name} deleted`);
}

function dropReservation(fdt: Fdt, range: Range, whose: string, trail: Trail): boolean {
  const found = deleteReservation(fdt, range.start, size(range));
  if (found) trail.ok('dtb-chosen', `reservation of ${whose}, ${formatRange(range)}, deleted`);
  return found;
}

/** The kernel's `of_read_number(value, length / 4)`. */
function wholeNumber(value: Uint8Array): bigint {
  return readCells(value, value.length / 4);
}
