import { createColors } from 'picocolors';
import type { Errno } from '../../base/errno.js';
import type { Candidate, Standing } from '../../explain/candidates.js';
import { CHECK_INDENT, type Colors, formatCauses, formatCheck, formatErrno } from './check-text.js';
import { makeView, type View } from './make-view.js';
import { formatLabelled, wrapText } from './wrap-text.js';

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
    options: { readonly meanings: Readonly<Record<string, string | undefined>>; readonly color: boolean },
  ]
> = makeView((errno, candidates, { meanings, color }) => {
  const colors = createColors(color);
  const calls = Object.entries(meanings).flatMap(([call, meaning]) =>
    meaning === undefined ? [] : [`  ${wrapText(`${call}: ${meaning}`, 2, CHECK_INDENT)}`],
  );
  const select = (standing: Standing): readonly Candidate[] =>
    candidates.filter((candidate) => candidate.standing === standing);
  const groups = [
    [
      HEADINGS.found,
      select('found').map((candidate) => formatCheck({ ...candidate, causes: [] }, candidate.why, colors)),
    ],
    [HEADINGS.possible, formatPossible(select('possible'), colors)],
    [HEADINGS['ruled out'], formatRuledOut(select('ruled out'), colors)],
  ] as const;
  return [
    [formatErrno(errno), ...calls].join('\n'),
    ...groups.flatMap(([heading, texts]) => (texts.length === 0 ? [] : [[heading, ...texts].join('\n')])),
  ].join('\n\n');
});

/** Checks that the facts leave open, grouped by the fact that is missing. */
function formatPossible(candidates: readonly Candidate[], colors: Colors): string[] {
  return groupByReason(candidates).map(([why, undecided]) =>
    [
      `  ${wrapText(`undecided: ${why}`, 2, CHECK_INDENT)}`,
      ...undecided.flatMap(({ check, rule, cure, causes }) => [
        `    ${colors.yellow(check)}: ${wrapText(rule, 6 + check.length, CHECK_INDENT)}`,
        ...(causes.length === 0
          ? [formatLabelled(CHECK_INDENT, 'cure', cure)]
          : formatCauses(causes, CHECK_INDENT)),
      ]),
    ].join('\n'),
  );
}

/** Checks that the facts rule out, a line for each fact. */
function formatRuledOut(candidates: readonly Candidate[], colors: Colors): string[] {
  return groupByReason(candidates).map(([why, ruledOut]) => {
    const checks = ruledOut.map(({ check }) => colors.green(check));
    return `  ${wrapText(`${checks.join(', ')}: ${why}`, 2, CHECK_INDENT)}`;
  });
}

function groupByReason(candidates: readonly Candidate[]): [why: string, candidates: Candidate[]][] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    groups.set(candidate.why, [...(groups.get(candidate.why) ?? []), candidate]);
  }
  return [...groups];
}
