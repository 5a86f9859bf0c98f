import { CHECKS } from '../../base/checks.js';
import type { KexecError } from '../../base/error.js';

/** A refusal, as every report has it. */
export interface RefusalJson {
  readonly errno: string;
  readonly check: string;
  readonly detail: string;
}

/** A refusal with what must hold and what to do: one that ends a command before it has a report, or of one machine. */
export interface ExplainedRefusalJson extends RefusalJson {
  readonly rule: string;
  readonly cure: string;
}

export function buildRefusalJson({ errno, check, seen }: KexecError): RefusalJson {
  return { errno, check, detail: seen };
}

export function buildExplainedRefusalJson(error: KexecError): ExplainedRefusalJson {
  return { ...buildRefusalJson(error), rule: CHECKS[error.check].rule, cure: error.cure };
}
