import { createColors } from 'picocolors';
import { formatSize, formatSizeColumn } from '../../base/sizes.js';
import type { CrashEstimate, EstimatedPart } from '../../crash/estimate.js';
import type { LintReport } from '../../crash/lint.js';
import { makeView, type View } from './make-view.js';

/** What `crash lint` prints: a summary, then a line for each finding. */
export const formatLintReport: View<[report: LintReport, options: { readonly color: boolean }]> = makeView(
  ({ kind, notes, loads, findings }, { color }) => {
    const { red, yellow, dim } = createColors(color);
    const paint = { error: red, warning: yellow, note: dim };
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    return [
      `${kind}: ${notes} PT_NOTE, ${loads} PT_LOAD: ${errors === 0 ? 'good' : `${errors} wrong`}`,
      ...findings.map(({ severity, what }) => `  ${paint[severity](severity.padEnd(7))}  ${what}`),
    ].join('\n');
  },
);

/** What `crash estimate` prints: each part, the sum, and the crashkernel= parameter to use. */
export const formatEstimate: View<[estimate: CrashEstimate]> = makeView((estimate) => {
  const { parts, sum, usual, reserve, reserved, parameter, form } = estimate;
  const width = Math.max(...parts.map(({ what }) => what.length));
  const formatPart = ({ what, bytes, why }: EstimatedPart): string =>
    `  ${formatSizeColumn(bytes).padStart(10)}  ${what.padEnd(width)}  ${why}`;
  return [
    ...parts.map(formatPart),
    formatPart({ what: 'sum', bytes: sum, why: '' }).trimEnd(),
    ...(usual === undefined ? [] : ['', formatPart(usual)]),
    '',
    `${parameter}`,
    `  ${formatSize(reserve)}: ${usual === undefined ? 'the sum' : 'the larger of both'}, rounded up to 16 MiB; ${form}`,
    ...(reserved === undefined
      ? []
      : [`  reserved now: ${formatSize(reserved)}${reserved < reserve ? ', which is less' : ''}`]),
  ].join('\n');
});
