import { KexecError } from '../../src/base/error.js';
import {
  buildExplainedRefusalJson,
  type ExplainedRefusalJson,
  type RefusalJson,
} from '../../src/view/json/refusal-json.js';

/** Why a job has no result: the input was refused, or the inspector has a fault. */
export type JobFailure = { readonly refusal: ExplainedRefusalJson } | { readonly fault: string };

/** The outcome of a job. */
export type JobOutcome<Result> = { readonly result: Result } | JobFailure;

/** What the worker answers. */
export type JobAnswer = { readonly id: number } & JobOutcome<unknown>;

export function describeFailure(error: unknown): JobFailure {
  if (error instanceof KexecError) return { refusal: buildExplainedRefusalJson(error) };
  return { fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** A refusal as reports have it, without its rule and cure. */
export function pickRefusal({ errno, check, detail }: ExplainedRefusalJson): RefusalJson {
  return { errno, check, detail };
}
