import { Layout } from '../../view/text/layout.js';
import { formatLines, line, type Printable } from '../../view/text/printable.js';
import { type KexecOption, OPTIONS, OPTIONS_OF } from './kexec-options.js';

const USAGE = `Usage: kexec [OPTION]... [KERNEL]

Loads a kernel, and starts it. This is kexec-file, which takes the options of
${OPTIONS_OF} when it is called as kexec. Without an action (-l, -p, -u,
-e, -f, -S), KERNEL is loaded and shutdown -r now is called to start it.
`;

/** Width of the left column. */
const COLUMN = 30;

/** Formats the output of `--version`: scripts look for "kexec-tools" and a version after it. */
export function formatVersion(version: string): Printable {
  return line`${OPTIONS_OF} (kexec-file ${version})`;
}

/** Formats the help. @param columns - of a terminal */
export function formatHelp(columns?: number): Printable {
  const layout = new Layout({ columns });
  const isOwn = ({ isUnabbreviated }: KexecOption) => isUnabbreviated === true;
  const isRefused = ({ id }: KexecOption) => id === 'refused';
  const works = OPTIONS.filter((option) => !isOwn(option) && !isRefused(option));
  const parts = [
    USAGE,
    ...works.map((option) => formatOption(option, layout)),
    '\nOptions of kexec-file, for signatures:\n',
    ...OPTIONS.filter(isOwn).map((option) => formatOption(option, layout)),
    '\nRefused:\n',
    ...OPTIONS.filter(isRefused).map((option) => formatOption(option, layout)),
  ];
  return formatLines(parts.flatMap((part) => part.split('\n')));
}

function formatOption({ names, letter, argument, help }: KexecOption, layout: Layout): string {
  const long = names.map((name) => `--${name}`).join(', ');
  const left = `  ${letter === undefined ? '    ' : `-${letter}, `}${long}${argument === undefined ? '' : `=${argument}`}`;
  if (left.length < COLUMN) return layout.hang(left.padEnd(COLUMN), help);
  return `${left}\n${layout.hang(' '.repeat(COLUMN), help)}`;
}
