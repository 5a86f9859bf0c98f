/** Threads that work on many items, with the results in the order of the items. */
import { parentPort, type Worker, workerData } from 'node:worker_threads';
import { startThread } from './start-thread.js';
import { yieldToEventLoop } from './yield-to-event-loop.js';

/**
 * How many results may be ahead of the first one that is missing: enough to keep every thread busy while one item takes
 * long, and a bound on the memory for results.
 */
const MAX_RESULTS_AHEAD = 256;

/** What the threads share: the number of the next item that no thread has taken, and how many results were returned. */
interface Turns {
  readonly count: number;
  readonly counters: Int32Array<SharedArrayBuffer>;
}

/** Indexes of `counters`. */
const NEXT = 0;
const RETURNED = 1;

interface NumberedResult<Result> {
  readonly index: number;
  readonly result: Result;
}

/** Processes the item of a number. */
export type Work<Result> = (index: number) => Result | Promise<Result>;

export interface Pool<Job, Result> {
  /** Number of items. */
  readonly count: number;
  /** Number of threads, this one included: 1 starts no other. */
  readonly threads: number;
  /** The module of the other threads, which calls {@link serve}. */
  readonly worker: URL;
  /** What the other threads are started with: values that can be cloned. */
  readonly job: Job;
  /** The same work, for this thread. */
  readonly work: Work<Result>;
}

/**
 * Processes every item.
 *
 * @returns the results in the order of the items; a consumer that takes them slowly slows the threads down
 * @throws what the work throws. Then, and when the consumer stops, the threads are terminated.
 */
export async function* runInOrder<Job, Result>(pool: Pool<Job, Result>): AsyncGenerator<Result> {
  const turns = { count: pool.count, counters: new Int32Array(new SharedArrayBuffer(8)) };
  const results = new Map<number, Result>();
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};
  const workers = startWorkers(pool, turns, {
    onResult: ({ index, result }) => {
      results.set(index, result);
      wake();
    },
    onFailure: (error) => {
      failure ??= { error };
      wake();
    },
  });
  try {
    for (let returned = 0; returned < pool.count; ) {
      if (failure !== undefined) throw failure.error;
      if (results.has(returned)) {
        yield results.get(returned) as Result;
        results.delete(returned);
        returned += 1;
        Atomics.store(turns.counters, RETURNED, returned);
        Atomics.notify(turns.counters, RETURNED);
        continue;
      }
      const index = takeTurn(turns);
      if (index === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      results.set(index, await pool.work(index));
      await yieldToEventLoop();
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

interface WorkerEvents<Result> {
  readonly onResult: (result: NumberedResult<Result>) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Starts the threads beside this one; no more than there are items. */
function startWorkers<Job, Result>(
  { count, threads, worker, job }: Pool<Job, Result>,
  turns: Turns,
  { onResult, onFailure }: WorkerEvents<Result>,
): Worker[] {
  return Array.from({ length: Math.max(Math.min(threads, count) - 1, 0) }, () =>
    startThread(worker, { turns, job })
      .on('message', onResult)
      .on('error', onFailure)
      .on('messageerror', onFailure)
      .on('exit', (code) => {
        if (code !== 0) onFailure(new Error(`a thread ended with exit code ${code}`));
      }),
  );
}

/** Runs in a thread that {@link runInOrder} started. @param start - returns the work of a job */
export async function serve<Job, Result>(start: (job: Job) => Work<Result>): Promise<void> {
  const { turns, job } = workerData as { turns: Turns; job: Job };
  const work = start(job);
  while (Atomics.load(turns.counters, NEXT) < turns.count) {
    const returned = Atomics.load(turns.counters, RETURNED);
    const index = takeTurn(turns);
    if (index === undefined) Atomics.wait(turns.counters, RETURNED, returned);
    else parentPort?.postMessage({ index, result: await work(index) });
  }
}

/** Takes the next item; undefined if there is none, or if the results are too far ahead. */
function takeTurn({ count, counters }: Turns): number | undefined {
  for (;;) {
    const next = Atomics.load(counters, NEXT);
    if (next >= Math.min(count, Atomics.load(counters, RETURNED) + MAX_RESULTS_AHEAD)) return undefined;
    if (Atomics.compareExchange(counters, NEXT, next, next + 1) === next) return next;
  }
}
