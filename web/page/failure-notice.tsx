import type { JSX } from 'preact';
import { escapeField } from '../../src/base/escape-field.js';
import type { JobFailure } from '../jobs/job-answer.js';

/** Why there is nothing else to show: what was seen, the rule, and what to do. */
export function FailureNotice({ failure }: { readonly failure: JobFailure }): JSX.Element {
  if ('fault' in failure)
    return (
      <p class="outcome refused" role="alert">
        The inspector failed: {escapeField(failure.fault)}
      </p>
    );
  const { errno, check, detail, rule, cure } = failure.refusal;
  return (
    <div class="outcome refused" role="alert">
      <p>
        <strong>
          {errno} ({check})
        </strong>
        : {escapeField(detail)}
      </p>
      <p>Rule: {escapeField(rule)}</p>
      <p>Cure: {escapeField(cure)}</p>
    </div>
  );
}
