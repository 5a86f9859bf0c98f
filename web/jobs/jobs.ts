import { readChosenBytes } from './bytes-job.js';
import { compareChosen } from './compare-job.js';
import { openChosenDump } from './dump-job.js';
import { preflightFleetFile } from './fleet-file-job.js';
import { preflightChosen } from './fleet-job.js';
import { identifyChosen, inspectChosen } from './inspect-job.js';
import { explainChosenLog } from './log-job.js';
import { showChosenMachine } from './machine-job.js';
import { planChosen } from './plan-job.js';
import { verifyChosen } from './verify-job.js';

/** What the worker does, by name. Arguments and results are plain values and files, which threads can be sent. */
export const JOBS = {
  inspect: inspectChosen,
  identify: identifyChosen,
  machine: showChosenMachine,
  compare: compareChosen,
  preflight: preflightChosen,
  preflightFile: preflightFleetFile,
  plan: planChosen,
  verify: verifyChosen,
  log: explainChosenLog,
  dump: openChosenDump,
  bytes: readChosenBytes,
} as const;

export type JobName = keyof typeof JOBS;
export type JobArguments<Name extends JobName> = Parameters<(typeof JOBS)[Name]>;
export type JobResult<Name extends JobName> = Awaited<ReturnType<(typeof JOBS)[Name]>>;

/** A job for the worker. */
export interface JobRequest<Name extends JobName = JobName> {
  readonly name: Name;
  readonly args: JobArguments<Name>;
}
