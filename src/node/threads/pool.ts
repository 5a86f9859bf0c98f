/** Work on many items by threads, and its results in the order of the items. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { yieldToEventLoop } from './yield-to-event-loop.js';

/**
 * How far results may be ahead of the first that is still being waited for: enough for every thread to stay busy beside one
 * that takes long, and what keeps the memory for results from growing with the number of items.
 */
const AHEAD = 256;

/** What threads share: the number of the next item that nobody has taken, and how many results were given out. */
interface Turns {
  readonly count: number;
  readonly counters: Int32Array<SharedArrayBuffer>;
}

const NEXT = 0;
const GIVEN = 1;

interface NumberedResult<Result> {
  readonly index: number;
  readonly result: Result;
}

/** Does the work on the item of a number. */
export type Work<Result> = (index: number) => Result | Promise<Result>;

export interface Pool<Job, Result> {
  /** How many items there are. */
  readonly count: number;
  /** How many threads work; this one is one of them, so that 1 starts no other. */
  readonly threads: number;
  /** The module of the other threads, which calls {@link serve}. */
  readonly worker: URL;
  /** What they are started with: nothing in it that cannot be cloned. */
  readonly job: Job;
  /** The same work, for this thread. */
  readonly work: Work<Result>;
}

/**
 * Does the work on every item, and gives the results in the order of the items, as they come. Whoever takes them slowly
 * slows the work down.
 *
 * @throws what the work throws; then, and when nobody wants more results, the threads are ended.
 */
export async function* runInOrder<Job, Result>(pool: Pool<Job, Result>): AsyncGenerator<Result> {
  const turns = { count: pool.count, counters: new Int32Array(new SharedArrayBuffer(8)) };
  const results = new Map<number, Result>();
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};
  const fail = (error: unknown): void => {
    failure ??= { error };
    wake();
  };
  const startWorker = (): Worker =>
    new Worker(pool.worker, { workerData: { turns, job: pool.job } })
      .on('message', ({ index, result }: NumberedResult<Result>) => {
        results.set(index, result);
        wake();
      })
      .on('error', fail)
      .on('messageerror', fail)
      .on('exit', (code) => {
        if (code !== 0) fail(new Error(`a thread ended with exit code ${code}`));
      });
  const workers: Worker[] = [];
  try {
    while (workers.length < Math.min(pool.threads, pool.count) - 1) workers.push(startWorker());
    for (let given = 0; given < pool.count; ) {
      if (failure !== undefined) throw failure.error;
      if (results.has(given)) {
        yield results.get(given) as Result;
        results.delete(given);
        given += 1;
        Atomics.store(turns.counters, GIVEN, given);
        Atomics.notify(turns.counters, GIVEN);
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

/** The part of a thread that {@link runInOrder} starts. @param start - gives the work of a job */
export async function serve<Job, Result>(start: (job: Job) => Work<Result>): Promise<void> {
  const { turns, job } = workerData as { turns: Turns; job: Job };
  const work = start(job);
  while (Atomics.load(turns.counters, NEXT) < turns.count) {
    const given = Atomics.load(turns.counters, GIVEN);
    const index = takeTurn(turns);
    if (index === undefined) Atomics.wait(turns.counters, GIVEN, given);
    else parentPort?.postMessage({ index, result: await work(index) });
  }
}

/** The number of an item that nobody has taken; nothing if there is none, or the results are too far ahead. */
function takeTurn({ count, counters }: Turns): number | undefined {
  for (;;) {
    const next = Atomics.load(counters, NEXT);
    if (next >= Math.min(count, Atomics.load(counters, GIVEN) + AHEAD)) return undefined;
    if (Atomics.compareExchange(counters, NEXT, next, next + 1) === next) return next;
  }
}
