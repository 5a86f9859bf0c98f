import { refuse } from '../../base/error.js';
import type { RandomSource } from '../../base/random.js';
import { formatRange, type Range, rangeOf, size } from '../../base/range.js';
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
import type { Arm64Machine } from '../../machine/arm64/arm64-machine.js';
import { findDeviceTreeRange, readDeviceTree } from '../../machine/arm64/read-device-tree.js';
import { listCaptureMemory } from '../../machine/crash-regions.js';
import type { MachineFacts } from '../../machine/machine-facts.js';

/** The properties of Kexec Handover, in the order in which they are added. */
const HANDOVER_PROPERTIES = ['linux,kho-fdt', 'linux,kho-scratch'] as const;

/** `RNG_SEED_SIZE` of drivers/of/kexec.c, in bytes. */
const RNG_SEED_SIZE = 128;

/** What Kexec Handover tells the next kernel. */
export interface HandedOver {
  /** The physical address of the running kernel's KHO device tree, one page; undefined if unknown. */
  readonly fdt: bigint | undefined;
  /** The list of scratch areas. */
  readonly list: Range;
}

/** The facts for the next kernel that go into /chosen. */
export interface ChosenFacts {
  /** Without one, the running kernel's bootargs are deleted, not inherited. */
  readonly commandLine?: string | undefined;
  readonly initrd?: Range | undefined;
  readonly elfcorehdr?: Range | undefined;
  /** The dm-crypt keys of a crash kernel. */
  readonly dmCryptKeys?: Range | undefined;
  /** What the running kernel hands over. */
  readonly handover?: HandedOver | undefined;
  /** Whether what an earlier kernel handed over is deleted. */
  readonly dropsHandover?: boolean | undefined;
  /** Without one, the seeds are left out, as by a kernel whose RNG is not ready. */
  readonly random?: RandomSource | undefined;
}

/** The differences between releases of Linux that build it: changes of machine/kernel-changes.ts. */
export interface DeviceTreeRules {
  /** `of_kexec_alloc_and_setup_fdt()`; before, `setup_dtb()` of arm64, which keeps reservations and needs a /chosen. */
  readonly isCommon: boolean;
  /** Whether linux,elfcorehdr and linux,usable-memory-range of an earlier kernel are deleted. */
  readonly dropsCrashProperties: boolean;
  readonly addsRngSeed: boolean;
  /** Whether the reservation of the running kernel's device tree is deleted. */
  readonly dropsOldTree: boolean;
}

const RULES_OF_6_12: DeviceTreeRules = {
  isCommon: true,
  dropsCrashProperties: true,
  addsRngSeed: true,
  dropsOldTree: true,
};

/**
 * The device tree for the next kernel: the running kernel's, with /chosen and the reservations made new. Kernel
 * functions `of_kexec_alloc_and_setup_fdt()` and, before Linux 5.13, `setup_dtb()`, step by step, so that the same
 * machine and facts give the same bytes.
 *
 * @param trail - gets an entry for each change
 * @throws KexecError `EINVAL` if the machine's device tree is malformed or a value does not fit its cells.
 */
export function buildNextDeviceTree(
  machine: Arm64Machine,
  facts: ChosenFacts,
  trail: Trail,
  rules: DeviceTreeRules = RULES_OF_6_12,
): Uint8Array {
  const running = readDeviceTree(machine);
  const tree = new NextDeviceTree(running, rules, trail);
  if (!rules.isCommon) {
    if (rules.dropsCrashProperties) tree.dropCrashProperties();
    if (facts.elfcorehdr !== undefined) tree.setCrash(facts.elfcorehdr, machine);
    tree.setBootargs(facts.commandLine);
    tree.setInitrd(facts.initrd);
    tree.setSeeds(facts.random);
    return tree.write();
  }
  tree.dropOldDeviceTree(machine);
  tree.dropCrashProperties();
  tree.dropOldInitrd(machine);
  tree.setInitrd(facts.initrd);
  if (facts.elfcorehdr !== undefined) tree.setCrash(facts.elfcorehdr, machine, facts.dmCryptKeys);
  tree.setHandover(facts, machine);
  tree.setBootargs(facts.commandLine);
  tree.setSeeds(facts.random);
  tree.setBootedFromKexec();
  tree.dropImaBuffer();
  return tree.write();
}

/** The next kernel's device tree while it is built, and the record of its changes. */
class NextDeviceTree {
  readonly #fdt: Fdt;
  readonly #chosen: FdtNode;
  readonly #rules: DeviceTreeRules;
  readonly #trail: Trail;

  constructor(running: Fdt, rules: DeviceTreeRules, trail: Trail) {
    this.#fdt = copyChosen(running);
    this.#chosen = findNode(this.#fdt.root, '/chosen') ?? this.#addChosen(rules);
    this.#rules = rules;
    this.#trail = trail;
  }

  dropOldDeviceTree(machine: Arm64Machine): void {
    const range = findDeviceTreeRange(this.#fdt, machine);
    if (range === undefined) return;
    if (this.#rules.dropsOldTree) {
      this.#dropReservation(range, 'the old device tree');
      return;
    }
    const isReserved = this.#fdt.reservations.some(
      ({ address, size: length }) => address === range.start && length === size(range),
    );
    if (!isReserved) return;
    this.#record(
      `reservation of the old device tree, ${formatRange(range)}, stays: this kernel does not find it`,
    );
  }

  /** What an earlier crash left would limit the next kernel to the memory of a crash kernel. */
  dropCrashProperties(): void {
    this.dropStale('linux,elfcorehdr');
    this.dropStale('linux,usable-memory-range');
  }

  dropOldInitrd({ pageSize }: MachineFacts): void {
    const start = getProperty(this.#chosen, 'linux,initrd-start');
    if (start === undefined) return;
    const end = getProperty(this.#chosen, 'linux,initrd-end');
    if (end === undefined) {
      refuse('dtb-chosen', 'EINVAL', '/chosen has linux,initrd-start but no linux,initrd-end');
    }
    const old = { start: readWholeNumber(start), end: readWholeNumber(end) };
    if (old.end < old.start) {
      refuse(
        'dtb-chosen',
        'EINVAL',
        `/chosen's linux,initrd-end ${hex(old.end)} is below linux,initrd-start ${hex(old.start)}`,
      );
    }
    // kexec reserves the exact size; firmware may have reserved whole pages.
    const inPages = { start: old.start, end: old.start + alignUp(size(old), BigInt(pageSize)) };
    if (!this.#dropReservation(old, 'the old initrd')) this.#dropReservation(inPages, 'the old initrd');
  }

  setInitrd(initrd: Range | undefined): void {
    if (initrd === undefined) {
      this.dropStale('linux,initrd-start');
      this.dropStale('linux,initrd-end');
      return;
    }
    this.#set('linux,initrd-start', encodeU64(initrd.start));
    this.#set('linux,initrd-end', encodeU64(initrd.end));
    this.#record(`linux,initrd-start and -end say ${this.#reserve(initrd)}`);
  }

  setCrash(elfcorehdr: Range, machine: MachineFacts, dmCryptKeys?: Range): void {
    if (machine.crashRegion === undefined) {
      refuse('crash-region', 'EADDRNOTAVAIL', 'the machine has no crash region');
    }
    this.#append('linux,elfcorehdr', elfcorehdr);
    this.#record(`linux,elfcorehdr says ${this.#reserve(elfcorehdr)}`);

    if (dmCryptKeys !== undefined) {
      this.#append('linux,dmcryptkeys', dmCryptKeys);
      this.#record(`linux,dmcryptkeys says ${this.#reserve(dmCryptKeys)}`);
    }
    const usable = listCaptureMemory(machine);
    for (const range of usable) this.#append('linux,usable-memory-range', range);
    this.#record(`linux,usable-memory-range says ${usable.map(formatRange).join(', ')}`);
  }

  /** Kernel function `kho_add_chosen()`. */
  setHandover({ handover, dropsHandover = false }: ChosenFacts, { pageSize }: MachineFacts): void {
    for (const name of HANDOVER_PROPERTIES) {
      if (dropsHandover || handover !== undefined) this.dropStale(name);
      else if (getProperty(this.#chosen, name) !== undefined)
        this.#trail.note('dtb-chosen', `${name} of the kernel before stays: a kernel without KHO ignores it`);
    }
    if (handover === undefined) return;
    const { fdt, list } = handover;
    const [forFdt, forScratch] = HANDOVER_PROPERTIES;
    this.#append(forFdt, rangeOf(fdt ?? 0n, BigInt(pageSize)));
    this.#append(forScratch, list);
    if (fdt === undefined)
      this.#trail.note(
        'dtb-chosen',
        `the address in ${forFdt} is unknown: only the kernel knows it, here it is 0`,
      );
    else this.#record(`${forFdt} says ${hex(fdt)}, one page`);
    this.#record(`${forScratch} says ${formatRange(list)}`);
  }

  setBootargs(commandLine: string | undefined): void {
    if (commandLine === undefined) {
      this.dropStale('bootargs');
      return;
    }
    this.#set('bootargs', encodeString(commandLine));
    this.#record(`bootargs is "${commandLine}"`);
  }

  setSeeds(random: RandomSource | undefined): void {
    deleteProperty(this.#chosen, 'kaslr-seed');
    if (!this.#rules.addsRngSeed) {
      if (random !== undefined) this.#set('kaslr-seed', random(8));
      const seed = random === undefined ? 'is left out: there is no random source' : '(8 bytes) is fresh';
      this.#record(`kaslr-seed ${seed}; rng-seed stays as it is`);
      return;
    }
    if (random === undefined) {
      // A stale rng-seed would be used twice; the kernel keeps it, this project does not.
      deleteProperty(this.#chosen, 'rng-seed');
      this.#trail.note(
        'dtb-chosen',
        'no random source: the next kernel gets neither kaslr-seed nor rng-seed',
      );
      return;
    }
    this.#set('kaslr-seed', random(8));
    this.#set('rng-seed', random(RNG_SEED_SIZE));
    this.#record(`kaslr-seed (8 bytes) and rng-seed (${RNG_SEED_SIZE} bytes) are fresh`);
  }

  setBootedFromKexec(): void {
    this.#set('linux,booted-from-kexec', new Uint8Array(0));
  }

  /** The IMA buffer of the kernel before is of no use to the next: kernel function `remove_ima_buffer()`. */
  dropImaBuffer(): void {
    const value = getProperty(this.#chosen, 'linux,ima-kexec-buffer');
    if (value === undefined) return;
    this.dropStale('linux,ima-kexec-buffer');
    const { root } = this.#fdt;
    const [buffer] = readReg(value, readAddressCells(root), readSizeCells(root));
    if (buffer === undefined) return;
    const range = { start: buffer.address, end: buffer.address + buffer.size };
    this.#dropReservation(range, "the last kernel's IMA buffer");
  }

  dropStale(name: string): void {
    if (deleteProperty(this.#chosen, name)) this.#record(`stale ${name} deleted`);
  }

  write(): Uint8Array {
    return writeFdt(this.#fdt);
  }

  #addChosen({ isCommon }: DeviceTreeRules): FdtNode {
    if (!isCommon) {
      refuse('dtb-chosen', 'EINVAL', 'the device tree has no /chosen, and the running kernel adds none', {
        cure: 'boot with firmware whose device tree has a /chosen, or load by kexec_load (--syscall segments)',
      });
    }
    return addNode(this.#fdt.root, 'chosen');
  }

  /** Reserves the range, if the rules do. @returns the range, and that it is reserved */
  #reserve(range: Range): string {
    if (!this.#rules.isCommon) return formatRange(range);
    addReservation(this.#fdt, range.start, size(range));
    return `${formatRange(range)}, which is reserved`;
  }

  #dropReservation(range: Range, whose: string): boolean {
    const found = deleteReservation(this.#fdt, range.start, size(range));
    if (found) this.#record(`reservation of ${whose}, ${formatRange(range)}, deleted`);
    return found;
  }

  #set(name: string, value: Uint8Array): void {
    setProperty(this.#fdt, this.#chosen, name, value);
  }

  #append(name: string, { start, end }: Range): void {
    const { root } = this.#fdt;
    const reg = { address: start, size: end - start };
    appendProperty(
      this.#fdt,
      this.#chosen,
      name,
      encodeRange(reg, readAddressCells(root), readSizeCells(root)),
    );
  }

  #record(change: string): void {
    this.#trail.ok('dtb-chosen', change);
  }
}

/** A copy whose reservations, /chosen and the nodes around it may be changed. The rest is shared. */
function copyChosen(fdt: Fdt): Fdt {
  const root = { ...fdt.root, children: fdt.root.children.map((node) => ({ ...node })) };
  const chosen = findNode(root, '/chosen');
  if (chosen !== undefined) {
    chosen.properties = chosen.properties.map((property) => ({ ...property }));
    chosen.children = chosen.children.map((node) => ({ ...node }));
  }
  return { ...fdt, root, reservations: [...fdt.reservations] };
}

/** The kernel's `of_read_number(value, length / 4)`. */
function readWholeNumber(value: Uint8Array): bigint {
  return readCells(value, value.length / 4);
}
