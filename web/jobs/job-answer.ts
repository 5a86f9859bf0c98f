import { KexecError } from '../../src/base/error.js';
import {
  buildExplainedRefusalJson,
  type ExplainedRefusalJson,
  type RefusalJson,
} from '../../src/view/json/refusal-json.js';
import type { JobProgress } from './job-progress.js';

/** Why a job has no result: the input was refused, the inspector has a fault, or the user cancelled it. */
export type JobFailure =
  | { readonly refusal: ExplainedRefusalJson }
  | { readonly fault: string }
  | { readonly isCancelled: true };

/** The outcome of a job. */
export type JobOutcome<Result> = { readonly result: Result } | JobFailure;

/** What the worker answers: how far the job is, any number of times, and last its outcome. */
export type JobAnswer = { readonly progress: JobProgress } | { readonly outcome: JobOutcome<unknown> };

export function describeFailure(error: unknown): JobFailure {
  if (error instanceof KexecError) return { refusal: buildExplainedRefusalJson(error) };
  return { fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** A refusal as reports have it, without its rule and cure. */
export function pickRefusal({ errno, check, detail }: ExplainedRefusalJson): RefusalJson {
  return { errno, check, detail };
}
