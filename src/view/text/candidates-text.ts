import type { Check } from '../../base/checks.js';
import type { Errno } from '../../base/errno.js';
import type { Candidate, Standing } from '../../explain/candidates.js';
import { CHECK_INDENT, formatCauses, formatCheck, formatErrno } from './check-text.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

const HEADINGS: Readonly<Record<Standing, string>> = {
  found: 'The cause, by the known facts',
  possible: 'Possible causes',
  'ruled out': 'Ruled out by the known facts',
};

/** The checks that can end in an errno; those that are ruled out have a line for each reason. */
export const formatCandidates: View<
  [
    errno: Errno,
    candidates: readonly Candidate[],
    options: ViewOptions & {
      readonly meanings: Readonly<Record<string, string | undefined>>;
      /** Checks outside of a load that can end in the errno. */
      readonly others?: readonly Check[];
    },
  ]
> = makeView((errno, candidates, { meanings, others = [], ...options }) => {
  const layout = new Layout(options);
  const calls = Object.entries(meanings).flatMap(([call, meaning]) =>
    meaning === undefined ? [] : [layout.line(`  ${call}: ${meaning}`, CHECK_INDENT)],
  );
  const select = (standing: Standing): readonly Candidate[] =>
    candidates.filter((candidate) => candidate.standing === standing);
  const groups = [
    [
      HEADINGS.found,
      select('found').map((candidate) => formatCheck({ ...candidate, causes: [] }, candidate.why, layout)),
    ],
    [HEADINGS.possible, formatPossible(select('possible'), layout)],
    [HEADINGS['ruled out'], formatRuledOut(select('ruled out'), layout)],
  ] as const;
  return [
    [formatErrno(errno), ...calls].join('\n'),
    ...groups.flatMap(([heading, texts]) => (texts.length === 0 ? [] : [[heading, ...texts].join('\n')])),
    ...(others.length === 0 ? [] : [layout.line(`Outside of a load: ${others.join(', ')}`, 2)]),
  ].join('\n\n');
});

/** Checks that the facts leave open, grouped by the fact that is missing. */
function formatPossible(candidates: readonly Candidate[], layout: Layout): string[] {
  const { yellow } = layout.colors;
  return groupByReason(candidates).map(([why, undecided]) =>
    [
      layout.line(`  undecided: ${why}`, CHECK_INDENT),
      ...undecided.flatMap(({ check, rule, cure, causes }) => [
        `    ${yellow(check)}: ${layout.wrap(rule, 6 + check.length, CHECK_INDENT)}`,
        ...(causes.length === 0
          ? [layout.label(CHECK_INDENT, 'cure', cure)]
          : formatCauses(causes, CHECK_INDENT, layout)),
      ]),
    ].join('\n'),
  );
}

/** Checks that the facts rule out, a line for each fact. */
function formatRuledOut(candidates: readonly Candidate[], layout: Layout): string[] {
  return groupByReason(candidates).map(([why, ruledOut]) => {
    const checks = ruledOut.map(({ check }) => layout.colors.green(check));
    return layout.line(`  ${checks.join(', ')}: ${why}`, CHECK_INDENT);
  });
}

function groupByReason(candidates: readonly Candidate[]): [why: string, candidates: Candidate[]][] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    groups.set(candidate.why, [...(groups.get(candidate.why) ?? []), candidate]);
  }
  return [...groups];
}
