import { createColors } from 'picocolors';
import { CHECKS } from '../../base/checks.js';
import type { KexecError } from '../../base/error.js';
import { formatRange } from '../../base/range.js';
import type { TrailEntry } from '../../base/trail.js';

/** A trail as aligned lines: verdict, check, what was seen; below a search, each hole that was tried. */
export function formatTrail(trail: readonly TrailEntry[], { color }: { color: boolean }): string {
  const colors = createColors(color);
  const paint = { ok: colors.green, note: colors.yellow, refused: colors.red };
  const width = Math.max(...trail.map(({ check }) => check.length));
  return trail
    .flatMap(({ check, verdict, detail, holes }) => [
      `  ${paint[verdict](verdict.padEnd(7))}  ${check.padEnd(width)}  ${detail}`,
      ...(holes ?? []).map(({ range, why }) => `  ${' '.repeat(9 + width)}  ${formatRange(range)}: ${why}`),
    ])
    .join('\n');
}

/** A refusal: errno and check, what was seen, the rule, its source, and the cure. */
export function formatRefusal(
  { errno, check, seen, cure }: KexecError,
  { color }: { color: boolean },
): string {
  const colors = createColors(color);
  const { rule, source } = CHECKS[check];
  return [
    `${colors.red('refused')}: ${errno} (${check})`,
    `  seen  ${seen}`,
    `  rule  ${rule}`,
    `  from  ${source}`,
    `  cure  ${cure}`,
  ].join('\n');
}
