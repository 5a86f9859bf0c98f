import type { JobAnswer, JobOutcome } from '../jobs/job-answer.js';
import type { JobArguments, JobName, JobRequest, JobResult } from '../jobs/jobs.js';

type Settle = (outcome: JobOutcome<unknown>) => void;

/** The page's side of the worker: sends jobs, and returns their outcomes. */
export class JobWorker {
  readonly #script: string;
  readonly #waiting = new Map<number, Settle>();
  #worker: Worker | undefined;
  #lastId = 0;

  /** @param script - the worker's whole text: a page out of a file has no other file to load */
  constructor(script: string) {
    this.#script = script;
  }

  /** Does a job. The promise always resolves; what went wrong is in the outcome. */
  run<Name extends JobName>(name: Name, ...args: JobArguments<Name>): Promise<JobOutcome<JobResult<Name>>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const request: JobRequest<Name> = { id, name, args };
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve as Settle);
      this.#worker ??= this.#start();
      this.#worker.postMessage(request);
    });
  }

  /** Ends all jobs that are running or waiting. */
  stop(fault: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const settle of waiting) settle({ fault });
  }

  #start(): Worker {
    const address = URL.createObjectURL(new Blob([this.#script], { type: 'text/javascript' }));
    const worker = new Worker(address);
    worker.addEventListener('message', ({ data }: MessageEvent<JobAnswer>) => {
      const settle = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      settle?.(data);
    });
    // A worker that runs out of memory ends without an answer; the next job starts another.
    worker.addEventListener('error', ({ message }) => this.stop(message || 'the worker ended'));
    return worker;
  }
}
