import { config } from 'zod/v4/core';
import { describeFailure, type JobAnswer } from './job-answer.js';
import { JOBS, type JobRequest } from './jobs.js';

/** The worker's side: does the jobs that the page sends, and answers each. */
export function serveJobs(): void {
  // It would compile schemas, which the policy of the page forbids.
  config({ jitless: true });
  globalThis.addEventListener('message', async ({ data }: MessageEvent<JobRequest>) => {
    const answer: JobAnswer = { id: data.id, ...(await runJob(data)) };
    (globalThis as unknown as { postMessage(message: JobAnswer): void }).postMessage(answer);
  });
}

async function runJob({ name, args }: JobRequest) {
  try {
    const job = JOBS[name] as (...values: readonly unknown[]) => Promise<unknown>;
    return { result: await job(...args) };
  } catch (error) {
    return describeFailure(error);
  }
}
