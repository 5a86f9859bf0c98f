import type { PreflightKernel } from '../../src/preflight/kernel-facts.js';
import { type PreflightSummary, PreflightTally } from '../../src/preflight/tally.js';
import type { ChosenItem } from '../jobs/chosen-folder.js';
import type { PlannedMachine, PreflightBatch, PreflightRequest } from '../jobs/fleet-job.js';
import type { JobFailure } from '../jobs/job-answer.js';

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
  readonly #planned = new Map<ChosenItem, PlannedMachine>();
  readonly #taken = new Set<ChosenItem>();
  #machines: readonly ChosenItem[] = [];
  /** The machines before this one are taken, those before the next are in the list. */
  #nextTaken = 0;
  #list: PlannedMachine[] = [];
  #tally = new PreflightTally();

  constructor(request: PreflightRequest) {
    lastId += 1;
    this.id = lastId;
    this.request = request;
  }

  /** Sets the whole fleet, which can grow and shrink meanwhile. */
  setMachines(machines: readonly ChosenItem[]): void {
    if (machines === this.#machines) return;
    this.#machines = machines;
    this.#nextTaken = 0;
    this.#list = [];
    this.#tally = new PreflightTally();
    this.#extend();
  }

  /** Number of machines that are neither planned nor taken. */
  countLeft(): number {
    return this.#machines.reduce((count, item) => (this.#taken.has(item) ? count : count + 1), 0);
  }

  /** Takes the next machines that are not planned yet, at most so many. */
  take(most: number): ChosenItem[] {
    const batch: ChosenItem[] = [];
    for (; this.#nextTaken < this.#machines.length && batch.length < most; this.#nextTaken += 1) {
      const item = this.#machines[this.#nextTaken] as ChosenItem;
      if (this.#taken.has(item)) continue;
      this.#taken.add(item);
      batch.push(item);
    }
    return batch;
  }

  /** Adds the outcome of machines that were taken. */
  add(batch: readonly ChosenItem[], { kernel, hasInitrd, machines }: PreflightBatch): void {
    this.kernel = kernel;
    this.hasInitrd = hasInitrd;
    for (const [index, planned] of machines.entries()) this.#planned.set(batch[index] as ChosenItem, planned);
    this.#extend();
  }

  /** Gives machines back that were taken, and are not planned. */
  giveBack(batch: readonly ChosenItem[]): void {
    for (const item of batch) this.#taken.delete(item);
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

  #extend(): void {
    const more: PlannedMachine[] = [];
    for (;;) {
      const item = this.#machines[this.#list.length + more.length];
      const planned = item && this.#planned.get(item);
      if (planned === undefined) break;
      this.#tally.add(planned.row);
      more.push(planned);
    }
    if (more.length > 0) this.#list = [...this.#list, ...more];
  }
}
