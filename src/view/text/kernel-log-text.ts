import type { LogMatch } from '../../explain/kernel-log.js';
import { CHECK_INDENT, formatCheck, formatErrno } from './check-text.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** If a line of the log points to more checks than this, each is shown by its rule alone. */
const MAX_CHECKS_IN_FULL = 5;

/** What a log says about kexec and kdump: the lines of each cause, what it means, and the check with its cure. */
export const formatLogMatches: View<
  [
    matches: readonly LogMatch[],
    log: ViewOptions & {
      readonly name: string;
      readonly lines: number;
      /** Lines of further causes, which are not listed. */
      readonly omitted?: number;
    },
  ]
> = makeView((matches, { name, lines, omitted = 0, ...options }) => {
  const layout = new Layout(options);
  const title = `${name}, ${lines} ${lines === 1 ? 'line' : 'lines'}`;
  if (matches.length === 0) return layout.line(`${title}: no known message of kexec or kdump`, 2);
  return [
    layout.line(`${title}: messages of kexec and kdump`, 2),
    ...matches.map((match) => formatMatch(match, layout)),
    ...(omitted === 0
      ? []
      : [`${omitted} further lines have causes that are not listed: there are too many`]),
  ].join('\n\n');
});

const SEVERITIES: Readonly<Record<LogMatch['severity'], string>> = {
  stops: 'cause',
  warns: 'warns',
  harmless: 'fine',
};

function formatMatch(match: LogMatch, layout: Layout): string {
  const { colors } = layout;
  const { severity, errno, meaning, checks, cause } = match;
  const label = SEVERITIES[severity];
  const explained = meaning === undefined ? cause : `${cause}: ${meaning}`;
  const errnoLine = errno === undefined ? [] : [`  ${formatErrno(errno)}`];
  const checkLines =
    checks.length <= MAX_CHECKS_IN_FULL
      ? checks.map((check) => formatCheck(check, undefined, layout))
      : checks.map(
          ({ check, rule }) =>
            `  ${colors.yellow(check)}: ${layout.wrap(rule, 4 + check.length, CHECK_INDENT)}`,
        );
  return [...formatLines(match, layout), ...errnoLine, layout.label(2, label, explained), ...checkLines].join(
    '\n',
  );
}

/** The first line of a cause, and the last one. */
function formatLines({ line, text, times, last }: LogMatch, layout: Layout): string[] {
  const { bold } = layout.colors;
  const first = layout.line(`line ${line}: ${bold(text)}`, 2);
  if (last === undefined) return [first];
  return [first, layout.line(`line ${last.line}, the last of ${times}: ${bold(last.text)}`, 2)];
}
