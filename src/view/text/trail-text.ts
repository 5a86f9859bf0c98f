import { CHECKS } from '../../base/checks.js';
import type { KexecError } from '../../base/error.js';
import { formatRange } from '../../base/range.js';
import type { TrailEntry } from '../../base/trail.js';
import { Layout, measureColumns, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** A trail as aligned lines: verdict, check, what was seen; below a search, each hole that was tried. */
export const formatTrail: View<[trail: readonly TrailEntry[], options?: ViewOptions]> = makeView(
  (trail, options) => {
    const layout = new Layout(options);
    const { green, yellow, red } = layout.colors;
    const paint = { ok: green, note: yellow, refused: red };
    const widths = measureColumns(trail.map(({ verdict, check }) => ['', verdict, check]));
    return trail
      .flatMap(({ check, verdict, detail, holes = [] }) => [
        layout.row(['', paint[verdict](verdict), check], widths, detail),
        ...holes.map(({ range, why }) => layout.row(['', '', ''], widths, `${formatRange(range)}: ${why}`)),
      ])
      .join('\n');
  },
);

/** A refusal: errno and check, what was seen, the rule, its source, and the cure; and what explains the check. */
export const formatRefusal: View<[error: KexecError, options?: ViewOptions]> = makeView(
  ({ errno, check, seen, cure }, options) => {
    const layout = new Layout(options);
    const { rule, source } = CHECKS[check];
    return [
      `${layout.colors.red('refused')}: ${errno} (${check})`,
      layout.label(2, 'seen', seen),
      layout.label(2, 'rule', rule),
      layout.label(2, 'from', source),
      layout.label(2, 'cure', cure),
      `  more: kexec-file explain ${check}`,
    ].join('\n');
  },
);
