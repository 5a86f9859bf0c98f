import { formatSize, formatSizeColumn } from '../../base/sizes.js';
import type { CrashEstimate, EstimatedPart } from '../../crash/estimate.js';
import type { LintReport } from '../../crash/lint.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** What `crash lint` prints: a summary, then a line for each finding. */
export const formatLintReport: View<[report: LintReport, options?: ViewOptions]> = makeView(
  ({ kind, notes, loads, findings }, options) => {
    const layout = new Layout(options);
    const { red, yellow, dim } = layout.colors;
    const paint = { error: red, warning: yellow, note: dim };
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    return [
      `${kind}: ${notes} PT_NOTE, ${loads} PT_LOAD: ${errors === 0 ? 'good' : `${errors} wrong`}`,
      ...findings.map(({ severity, what }) =>
        layout.hang(`  ${paint[severity](severity.padEnd(7))}  `, what),
      ),
    ].join('\n');
  },
);

/** Columns of a size, with the indent before it. */
const SIZE_WIDTH = 12;

/** What `crash estimate` prints: each part, the sum, and the crashkernel= parameter to use. */
export const formatEstimate: View<[estimate: CrashEstimate, options?: ViewOptions]> = makeView(
  (estimate, options) => {
    const layout = new Layout(options);
    const { parts, sum, usual, reserve, reserved, reservedCma = 0n, parameter, form, place } = estimate;
    const widths = [-SIZE_WIDTH, Math.max(...parts.map(({ what }) => what.length))];
    const formatPart = ({ what, bytes, why }: EstimatedPart): string =>
      layout.row([formatSizeColumn(bytes), what], widths, why);
    return [
      ...parts.map(formatPart),
      formatPart({ what: 'sum', bytes: sum, why: '' }),
      ...(usual === undefined ? [] : ['', formatPart(usual)]),
      '',
      `${parameter}`,
      layout.line(
        `  ${formatSize(reserve)}: ${usual === undefined ? 'the sum' : 'the larger of both'}, rounded up to 16 MiB; ${form}`,
        4,
      ),
      layout.line(`  where to add it: ${place}`, 4),
      ...(reserved === undefined
        ? []
        : [
            `  reserved now: ${formatSize(reserved)}${reservedCma === 0n ? '' : ` and ${formatSize(reservedCma)} of CMA`}` +
              `${reserved + reservedCma < reserve ? ', which is less' : ''}`,
          ]),
    ].join('\n');
  },
);
