import { createColors } from 'picocolors';
import type { LogMatch } from '../../explain/kernel-log.js';
import { CHECK_INDENT, type Colors, formatCheck, formatErrno } from './check-text.js';
import { makeView, type View } from './make-view.js';
import { wrapText } from './wrap-text.js';

/** If a line of the log points to more checks than this, each is shown by its rule alone. */
const MAX_CHECKS_IN_FULL = 5;

/** What a kernel's log says about kexec and kdump, with the checks behind each line. */
export const formatLogMatches: View<
  [
    matches: readonly LogMatch[],
    log: { readonly name: string; readonly lines: number; readonly color: boolean },
  ]
> = makeView((matches, { name, lines, color }) => {
  const colors = createColors(color);
  const title = `${name}, ${lines} ${lines === 1 ? 'line' : 'lines'}`;
  if (matches.length === 0) return `${title}: no known message of kexec or kdump`;
  return [
    `${title}: messages of kexec and kdump`,
    ...matches.map((match) => formatMatch(match, colors)),
  ].join('\n\n');
});

function formatMatch({ text, line, times, errno, meaning, checks }: LogMatch, colors: Colors): string {
  const repeated = times === 1 ? '' : `, and ${times - 1} times more`;
  const explained = meaning === undefined ? '' : `: ${meaning}`;
  const errnoLine =
    errno === undefined ? [] : [`  ${wrapText(formatErrno(errno) + explained, 2, CHECK_INDENT)}`];
  const checkLines =
    checks.length <= MAX_CHECKS_IN_FULL
      ? checks.map((check) => formatCheck(check, undefined, colors))
      : checks.map(
          ({ check, rule }) => `  ${colors.yellow(check)}: ${wrapText(rule, 4 + check.length, CHECK_INDENT)}`,
        );
  return [`line ${line}${repeated}: ${colors.bold(text)}`, ...errnoLine, ...checkLines].join('\n');
}
