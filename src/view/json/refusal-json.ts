import type { KexecError } from '../../base/error.js';

/** A refusal, as every command prints it in JSON. */
export interface RefusalJson {
  readonly errno: string;
  readonly check: string;
  readonly detail: string;
}

export function buildRefusalJson({ errno, check, seen }: KexecError): RefusalJson {
  return { errno, check, detail: seen };
}
