import { CHECKS, type Check } from '../base/checks.js';
import type { Errno } from '../base/errno.js';
import { type ErrnoCause, findErrnoCauses } from './causes/errno-causes.js';
import type { CheckNote } from './check-notes/check-note.js';
import { FILE_NOTES } from './check-notes/file-check-notes.js';
import { LOAD_NOTES } from './check-notes/load-check-notes.js';
import { SIGNATURE_NOTES } from './check-notes/signature-check-notes.js';
import { SYSTEM_NOTES } from './check-notes/system-check-notes.js';
import { TOOL_NOTES } from './check-notes/tool-check-notes.js';
import { describeCheck, type NamedCheck } from './explanation.js';

const NOTES: Readonly<Record<Check, CheckNote>> = {
  ...FILE_NOTES,
  ...SIGNATURE_NOTES,
  ...LOAD_NOTES,
  ...SYSTEM_NOTES,
  ...TOOL_NOTES,
};

/** A check as its table and its note describe it, whatever is loaded. */
export interface ExplainedCheck extends NamedCheck, CheckNote {
  readonly errnos: readonly Errno[];
  /** The causes that have cures of their own, by errno. */
  readonly causes: readonly (ErrnoCause & { readonly errno: Errno })[];
}

/** Explains a check: why it exists, the rule and its source, how one gets there, and the cure. */
export function explainCheck(check: Check): ExplainedCheck {
  const { errnos } = CHECKS[check];
  return {
    ...describeCheck(check),
    ...NOTES[check],
    errnos,
    causes: errnos.flatMap((errno) => findErrnoCauses(check, errno).map((cause) => ({ ...cause, errno }))),
  };
}
