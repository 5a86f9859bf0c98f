import type { JobAnswer, JobOutcome } from '../jobs/job-answer.js';
import type { JobProgress } from '../jobs/job-progress.js';
import type { JobArguments, JobName, JobRequest, JobResult } from '../jobs/jobs.js';

/** How the caller of a job follows it. */
export interface JobFollower {
  /** Cancels the job. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobProgress) => void;
}

/** A job that is running or waiting. */
interface Job {
  readonly request: JobRequest;
  readonly onProgress: JobFollower['onProgress'];
  readonly settle: (outcome: JobOutcome<unknown>) => void;
}

/**
 * The page's side of the worker: sends it one job after the other, and returns their outcomes.
 *
 * Jobs are synchronous for the most part, and a page out of a file shares no memory with its worker. So the worker cannot
 * see that its job is cancelled: it is ended, and the next job gets another one. The others wait here, unharmed.
 */
export class JobWorker {
  readonly #script: string;
  readonly #waiting: Job[] = [];
  #running: Job | undefined;
  #worker: Worker | undefined;
  #isStarting = false;
  #address: string | undefined;

  /**
   * @param script - the worker's whole text: a page out of a file has no other file to load
   * @param address - of that text, for a worker beside another; found when the first job begins if left out
   */
  constructor(script: string, address?: string) {
    this.#script = script;
    this.#address = address;
  }

  /** Does a job. The promise always resolves; what went wrong is in the outcome. */
  run<Name extends JobName>(
    name: Name,
    args: JobArguments<Name>,
    { signal, onProgress }: JobFollower = {},
  ): Promise<JobOutcome<JobResult<Name>>> {
    const request: JobRequest<Name> = { name, args };
    return new Promise((resolve) => {
      const job: Job = { request, onProgress, settle: resolve as Job['settle'] };
      this.#waiting.push(job);
      signal?.addEventListener('abort', () => this.#cancel(job));
      this.#startSoon();
    });
  }

  /** Starts the worker before its first job, which then need not wait for it. */
  prepare(): void {
    this.#worker ??= this.#start();
  }

  /** Another worker, for jobs beside those of this one. The caller closes it. */
  startAnother(): JobWorker {
    return new JobWorker(this.#script, this.#findAddress());
  }

  /** Ends the worker for good. */
  close(): void {
    this.cancelAll();
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** Cancels all jobs that are running or waiting. */
  cancelAll(): void {
    for (const job of [...this.#waiting, ...(this.#running === undefined ? [] : [this.#running])])
      this.#cancel(job);
  }

  #cancel(job: Job): void {
    if (job === this.#running) this.#abandon({ isCancelled: true });
    else if (this.#waiting.includes(job)) {
      this.#waiting.splice(this.#waiting.indexOf(job), 1);
      job.settle({ isCancelled: true });
    }
  }

  /** Starts the next job when the page has seen the last outcome, by which it may cancel jobs that wait. */
  #startSoon(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    setTimeout(() => {
      this.#isStarting = false;
      this.#startNext();
    });
  }

  #startNext(): void {
    if (this.#running !== undefined) return;
    this.#running = this.#waiting.shift();
    if (this.#running === undefined) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage(this.#running.request);
  }

  #settle(outcome: JobOutcome<unknown>): void {
    const job = this.#running;
    this.#running = undefined;
    job?.settle(outcome);
    this.#startSoon();
  }

  /** Ends the worker with the job that it does. */
  #abandon(outcome: JobOutcome<unknown>): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#settle(outcome);
  }

  #findAddress(): string {
    this.#address ??= URL.createObjectURL(new Blob([this.#script], { type: 'text/javascript' }));
    return this.#address;
  }

  #start(): Worker {
    const worker = new Worker(this.#findAddress());
    // Messages that were sent before a worker ended belong to a job that is over.
    const listen = <Kind extends 'message' | 'error'>(
      kind: Kind,
      act: (event: WorkerEventMap[Kind]) => void,
    ) =>
      worker.addEventListener(kind, (event) => {
        if (worker === this.#worker) act(event as WorkerEventMap[Kind]);
      });
    listen('message', ({ data }: MessageEvent<JobAnswer>) => {
      if ('progress' in data) this.#running?.onProgress?.(data.progress);
      else this.#settle(data.outcome);
    });
    // A worker that runs out of memory ends without an answer.
    listen('error', ({ message }) => this.#abandon({ fault: message || 'the worker ended' }));
    return worker;
  }
}
