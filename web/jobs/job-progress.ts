/** How far a job is. */
export interface JobProgress {
  /** What it does at the moment: "reading vmlinuz". */
  readonly step: string;
  /** From 0 to 1. */
  readonly fraction: number;
}

/** The least time between two reports, in milliseconds. */
const INTERVAL = 100;

let send: ((progress: JobProgress) => void) | undefined;
let lastTime = 0;

/** Sends what jobs report from now on: a worker does one job at a time. Without it, reports have no effect. */
export function sendProgressTo(receiver: (progress: JobProgress) => void): void {
  send = receiver;
}

/**
 * Reports how far the job is that runs; most calls of many are left out.
 *
 * @param done - of `total`, in a unit of the caller's
 */
export function reportProgress(step: string, done: number, total: number): void {
  const now = performance.now();
  if (send === undefined || now - lastTime < INTERVAL) return;
  lastTime = now;
  send({ step, fraction: total === 0 ? 1 : done / total });
}
