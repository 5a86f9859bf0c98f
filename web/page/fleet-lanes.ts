import type { ChosenFile } from '../jobs/chosen-file.js';
import type { ChosenItem } from '../jobs/chosen-folder.js';
import type { JobFailure } from '../jobs/job-answer.js';
import type { FleetRun } from './fleet-run.js';
import type { JobWorker } from './job-worker.js';

/** Machines that a worker plans before it does other jobs. */
const BATCH = 128;

/** More workers would wait for the browser, which reads the files for all; and each has the kernel in its memory. */
const MAX_WORKERS = 4;

/** Starting a worker, which opens the kernel, takes as long as planning some hundred machines. */
const MACHINES_WORTH_A_WORKER = 1024;

/**
 * Plans the machines of a run, batch by batch: by the worker of the page, and for a large fleet by others beside it, one
 * for each other CPU.
 */
export class FleetLanes {
  readonly #run: FleetRun;
  readonly #worker: JobWorker;
  readonly #onBatch: () => void;
  readonly #stop = new AbortController();
  #isRunning = false;

  /** @param onBatch - is called when more machines are planned, or cannot be */
  constructor(run: FleetRun, worker: JobWorker, onBatch: () => void) {
    this.#run = run;
    this.#worker = worker;
    this.#onBatch = onBatch;
  }

  /** Plans the machines that are left, and those that are added meanwhile. */
  async start(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const others = Array.from({ length: countWorkers(this.#run.countLeft()) - 1 }, () =>
      this.#worker.startAnother(),
    );
    await Promise.all([this.#worker, ...others].map((worker) => this.#planBatches(worker)));
    for (const other of others) other.close();
    this.#isRunning = false;
  }

  /** Ends the work at once. The batches that are being planned are lost. */
  stop(): void {
    this.#stop.abort();
  }

  async #planBatches(worker: JobWorker): Promise<void> {
    while (!this.#isOver()) {
      const task = this.#run.take(BATCH);
      if (task === undefined) return;
      if ('batch' in task) await this.#planBatch(worker, task.batch);
      else await this.#planFile(worker, task.file);
    }
  }

  async #planBatch(worker: JobWorker, batch: readonly ChosenItem[]): Promise<void> {
    const { id, request } = this.#run;
    const outcome = await worker.run('preflight', [id, request, batch], { signal: this.#stop.signal });
    if ('result' in outcome) this.#run.addBatch(batch, outcome.result);
    else this.#fail(batch, outcome);
    this.#onBatch();
  }

  async #planFile(worker: JobWorker, file: ChosenFile): Promise<void> {
    const { id, request } = this.#run;
    for (let isEnd = false; !isEnd; this.#onBatch()) {
      const args = [id, request, file, this.#run.countPlanned(file)] as const;
      const outcome = this.#isOver()
        ? ({ isCancelled: true } as const)
        : await worker.run('preflightFile', [...args], { signal: this.#stop.signal });
      if ('result' in outcome) this.#run.addOfFile(file, outcome.result);
      else this.#fail([file], outcome);
      isEnd = !('result' in outcome) || outcome.result.isEnd;
    }
  }

  #isOver(): boolean {
    return this.#run.failure !== undefined || this.#stop.signal.aborted;
  }

  #fail(items: readonly ChosenItem[], failure: JobFailure): void {
    this.#run.giveBack(items);
    if (!this.#isOver()) this.#run.failure = failure;
  }
}

/** The number of workers for so many machines. */
function countWorkers(machines: number): number {
  const most = Math.min(navigator.hardwareConcurrency, MAX_WORKERS, machines / MACHINES_WORTH_A_WORKER);
  return Math.max(1, Math.floor(most));
}
