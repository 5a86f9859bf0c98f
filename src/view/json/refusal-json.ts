import { CHECKS } from '../../base/checks.js';
import type { KexecError } from '../../base/error.js';

/** A refusal, as every command prints it in JSON. */
export interface RefusalJson {
  readonly errno: string;
  readonly check: string;
  readonly detail: string;
  /** What must hold. */
  readonly rule: string;
  /** What to do. */
  readonly cure: string;
}

export function buildRefusalJson({ errno, check, seen, cure }: KexecError): RefusalJson {
  return { errno, check, detail: seen, rule: CHECKS[check].rule, cure };
}
