import { config } from 'zod/v4/core';
import { describeFailure, type JobAnswer, type JobOutcome } from './job-answer.js';
import { sendProgressTo } from './job-progress.js';
import { JOBS, type JobRequest } from './jobs.js';

/** The worker's side: does the jobs that the page sends, one after the other, and answers each. */
export function serveJobs(): void {
  // It would compile schemas, which the policy of the page forbids.
  config({ jitless: true });
  globalThis.addEventListener('message', async ({ data }: MessageEvent<JobRequest>) => {
    answer({ outcome: await runJob(data) });
  });
  sendProgressTo((progress) => answer({ progress }));
}

function answer(message: JobAnswer): void {
  (globalThis as unknown as { postMessage(message: JobAnswer): void }).postMessage(message);
}

async function runJob({ name, args }: JobRequest): Promise<JobOutcome<unknown>> {
  try {
    const job = JOBS[name] as (...values: readonly unknown[]) => Promise<unknown>;
    return { result: await job(...args) };
  } catch (error) {
    return describeFailure(error);
  }
}
