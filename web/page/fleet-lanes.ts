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
    const run = this.#run;
    const { signal } = this.#stop;
    while (run.failure === undefined && !signal.aborted) {
      const batch = run.take(BATCH);
      if (batch.length === 0) return;
      const outcome = await worker.run('preflight', [run.id, run.request, batch], { signal });
      if ('result' in outcome) run.add(batch, outcome.result);
      else {
        run.giveBack(batch);
        if (!signal.aborted) run.failure = outcome;
      }
      this.#onBatch();
    }
  }
}

/** The number of workers for so many machines. */
function countWorkers(machines: number): number {
  const most = Math.min(navigator.hardwareConcurrency, MAX_WORKERS, machines / MACHINES_WORTH_A_WORKER);
  return Math.max(1, Math.floor(most));
}
