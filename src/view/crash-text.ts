import { createColors } from 'picocolors';
import { hex } from '../base/u64.js';
import type { CrashEstimate, EstimatedPart } from '../crash/estimate.js';
import type { LintReport } from '../crash/lint.js';
import { formatSize, sizeColumn } from './sizes.js';

/** What `crash lint` prints: a line a finding. */
export function lintText(
  { kind, notes, loads, findings }: LintReport,
  { color }: { color: boolean },
): string {
  const { red, yellow, dim } = createColors(color);
  const paint = { error: red, warning: yellow, note: dim };
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return [
    `${kind}: ${notes} PT_NOTE, ${loads} PT_LOAD: ${errors === 0 ? 'good' : `${errors} wrong`}`,
    ...findings.map(({ severity, what }) => `  ${paint[severity](severity.padEnd(7))}  ${what}`),
  ].join('\n');
}

/** What `crash estimate` prints: the sum, part by part, and the line to be written. */
export function estimateText({
  parts,
  sum,
  usual,
  reserve,
  reserved,
  parameter,
  form,
}: CrashEstimate): string {
  const width = Math.max(...parts.map(({ what }) => what.length));
  const line = ({ what, bytes, why }: EstimatedPart): string =>
    `  ${sizeColumn(bytes).padStart(10)}  ${what.padEnd(width)}  ${why}`;
  return [
    ...parts.map(line),
    line({ what: 'sum', bytes: sum, why: '' }).trimEnd(),
    ...(usual === undefined ? [] : ['', line(usual)]),
    '',
    `${parameter}`,
    `  ${formatSize(reserve)}: the larger, in steps of 16 MiB; ${form}`,
    ...(reserved === undefined
      ? []
      : [`  reserved now: ${formatSize(reserved)}${reserved < reserve ? ', which is less' : ''}`]),
  ].join('\n');
}

/** What `crash estimate --json` prints: sizes are "0x…" bytes. */
export function estimateJson({
  parts,
  sum,
  usual,
  reserve,
  reserved,
  parameter,
  form,
}: CrashEstimate): object {
  const part = ({ what, bytes, why }: EstimatedPart) => ({ what, bytes: hex(bytes), why });
  return {
    parts: parts.map(part),
    sum: hex(sum),
    ...(usual === undefined ? {} : { usual: part(usual) }),
    reserve: hex(reserve),
    ...(reserved === undefined ? {} : { reserved: hex(reserved) }),
    parameter,
    form,
  };
}
