import type { PreflightKernel } from '../../src/preflight/kernel-facts.js';
import { type PreflightSummary, PreflightTally } from '../../src/preflight/tally.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import { type ChosenItem, isFleetFile } from '../jobs/chosen-folder.js';
import type { FleetFileBatch } from '../jobs/fleet-file-job.js';
import type { PlannedMachine, PreflightBatch, PreflightRequest } from '../jobs/fleet-job.js';
import type { JobFailure } from '../jobs/job-answer.js';

/** What a worker plans on: machines, or the rest of a file of many. */
export type FleetTask = { readonly batch: readonly ChosenItem[] } | { readonly file: ChosenFile };

/** What is planned of an item of the fleet: one machine, or those of a file. */
interface PlannedItem {
  readonly machines: PlannedMachine[];
  /** How much of the item is read, in bytes. */
  read: number;
  isEnd: boolean;
}

let lastId = 0;

/** What one request has found so far, in the order of the fleet: of each machine once, however often it is shown. */
export class FleetRun {
  /** Other than that of each other run. */
  readonly id: number;
  readonly request: PreflightRequest;
  kernel: PreflightKernel | undefined;
  hasInitrd = false;
  /** Why the rest is not planned. */
  failure: JobFailure | undefined;
  readonly #planned = new Map<ChosenItem, PlannedItem>();
  readonly #taken = new Set<ChosenItem>();
  #items: readonly ChosenItem[] = [];
  /** The items before this one are taken. */
  #nextTaken = 0;
  /** All machines of the items before this one are in the list, and so many of its own. */
  #nextListed = 0;
  #listedOf = 0;
  #list: PlannedMachine[] = [];
  #tally = new PreflightTally();

  constructor(request: PreflightRequest) {
    lastId += 1;
    this.id = lastId;
    this.request = request;
  }

  /** Sets the whole fleet, which can grow and shrink meanwhile. */
  setItems(items: readonly ChosenItem[]): void {
    if (items === this.#items) return;
    this.#items = items;
    this.#nextTaken = 0;
    this.#nextListed = 0;
    this.#listedOf = 0;
    this.#list = [];
    this.#tally = new PreflightTally();
    this.#extend();
  }

  /** Number of items that are neither planned nor taken. */
  countLeft(): number {
    return this.#items.reduce((count, item) => (this.#taken.has(item) ? count : count + 1), 0);
  }

  /** Takes the next items that are not planned yet: at most so many machines, or one file. */
  take(most: number): FleetTask | undefined {
    const batch: ChosenItem[] = [];
    for (; this.#nextTaken < this.#items.length && batch.length < most; this.#nextTaken += 1) {
      const item = this.#items[this.#nextTaken] as ChosenItem;
      if (this.#taken.has(item)) continue;
      if (isFleetFile(item) && batch.length > 0) break;
      this.#taken.add(item);
      if (isFleetFile(item)) return { file: item as ChosenFile };
      batch.push(item);
    }
    return batch.length === 0 ? undefined : { batch };
  }

  /** Adds the outcome of machines that were taken. */
  addBatch(batch: readonly ChosenItem[], { kernel, hasInitrd, machines }: PreflightBatch): void {
    this.kernel = kernel;
    this.hasInitrd = hasInitrd;
    for (const [index, planned] of machines.entries()) {
      const item = batch[index] as ChosenItem;
      this.#planned.set(item, { machines: [planned], read: item.size, isEnd: true });
    }
    this.#extend();
  }

  /** How many machines of a file are planned. */
  countPlanned(file: ChosenFile): number {
    return this.#planned.get(file)?.machines.length ?? 0;
  }

  /** Adds the outcome of the next machines of a file. */
  addOfFile(file: ChosenFile, { kernel, hasInitrd, machines, read, isEnd }: FleetFileBatch): void {
    this.kernel = kernel;
    this.hasInitrd = hasInitrd;
    const planned = this.#planned.get(file) ?? { machines: [], read, isEnd };
    this.#planned.set(file, planned);
    planned.machines.push(...machines);
    Object.assign(planned, { read, isEnd });
    this.#extend();
  }

  /** Gives items back that were taken, and are not planned to their end. */
  giveBack(items: readonly ChosenItem[]): void {
    for (const item of items) this.#taken.delete(item);
    this.#nextTaken = 0;
  }

  /** The first machines of the fleet, up to one that is not planned yet: another list whenever it has grown. */
  list(): readonly PlannedMachine[] {
    return this.#list;
  }

  /** Of the machines in the list. */
  summary(): PreflightSummary {
    return this.#tally.summary();
  }

  /** Whether the list has all machines. */
  isComplete(): boolean {
    return this.#nextListed === this.#items.length;
  }

  /** How much of the fleet is read, by the sizes of its files: 0 to 1. */
  fraction(): number {
    let [read, size] = [0, 0];
    for (const item of this.#items) {
      size += item.size;
      read += this.#planned.get(item)?.read ?? 0;
    }
    return size === 0 ? 1 : read / size;
  }

  #extend(): void {
    const more: PlannedMachine[] = [];
    for (;;) {
      const item = this.#items[this.#nextListed];
      const planned = item && this.#planned.get(item);
      if (planned === undefined) break;
      for (; this.#listedOf < planned.machines.length; this.#listedOf += 1)
        more.push(planned.machines[this.#listedOf] as PlannedMachine);
      if (!planned.isEnd) break;
      this.#nextListed += 1;
      this.#listedOf = 0;
    }
    for (const { row } of more) this.#tally.add(row);
    if (more.length > 0) this.#list = [...this.#list, ...more];
  }
}
