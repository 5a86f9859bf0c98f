import { createColors } from 'picocolors';
import { CHECKS } from '../../base/checks.js';
import type { KexecError } from '../../base/error.js';
import { formatRange } from '../../base/range.js';
import type { TrailEntry } from '../../base/trail.js';
import { makeView, type View } from './make-view.js';

/** A trail as aligned lines: verdict, check, what was seen; below a search, each hole that was tried. */
export const formatTrail: View<[trail: readonly TrailEntry[], options: { readonly color: boolean }]> =
  makeView((trail, { color }) => {
    const colors = createColors(color);
    const paint = { ok: colors.green, note: colors.yellow, refused: colors.red };
    const width = Math.max(...trail.map(({ check }) => check.length));
    return trail
      .flatMap(({ check, verdict, detail, holes }) => [
        `  ${paint[verdict](verdict.padEnd(7))}  ${check.padEnd(width)}  ${detail}`,
        ...(holes ?? []).map(({ range, why }) => `  ${' '.repeat(9 + width)}  ${formatRange(range)}: ${why}`),
      ])
      .join('\n');
  });

/** A refusal: errno and check, what was seen, the rule, its source, and the cure. */
export const formatRefusal: View<[error: KexecError, options: { readonly color: boolean }]> = makeView(
  ({ errno, check, seen, cure }, { color }) => {
    const colors = createColors(color);
    const { rule, source } = CHECKS[check];
    return [
      `${colors.red('refused')}: ${errno} (${check})`,
      `  seen  ${seen}`,
      `  rule  ${rule}`,
      `  from  ${source}`,
      `  cure  ${cure}`,
    ].join('\n');
  },
);
