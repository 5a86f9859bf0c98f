import { formatLines, line, type Printable } from '../../view/text/printable.js';
import { type KexecOption, OPTIONS, OPTIONS_OF } from './kexec-options.js';

const USAGE = `Usage: kexec [OPTION]... [KERNEL]

Loads a kernel, and starts it. This is kexec-file, which takes the options of
${OPTIONS_OF} when it is called as kexec. Without an action (-l, -p, -u, -e, -f,
-S), KERNEL is loaded and shutdown -r now is called to start it.
`;

/** Width of the left column. */
const COLUMN = 30;

/** Formats the output of `--version`: scripts look for "kexec-tools" and a version after it. */
export function formatVersion(version: string): Printable {
  return line`${OPTIONS_OF} (kexec-file ${version})`;
}

/** Formats the help. */
export function formatHelp(): Printable {
  const isOwn = ({ isUnabbreviated }: KexecOption) => isUnabbreviated === true;
  const isRefused = ({ id }: KexecOption) => id === 'refused';
  const works = OPTIONS.filter((option) => !isOwn(option) && !isRefused(option));
  const parts = [
    USAGE,
    ...works.map(formatOption),
    '\nOptions of kexec-file, for signatures:\n',
    ...OPTIONS.filter(isOwn).map(formatOption),
    '\nRefused:\n',
    ...OPTIONS.filter(isRefused).map(formatOption),
  ];
  return formatLines(parts.flatMap((part) => part.split('\n')));
}

function formatOption({ names, letter, argument, help }: KexecOption): string {
  const long = names.map((name) => `--${name}`).join(', ');
  const left = `  ${letter === undefined ? '    ' : `-${letter}, `}${long}${argument === undefined ? '' : `=${argument}`}`;
  return left.length < COLUMN ? `${left.padEnd(COLUMN)}${help}` : `${left}\n${' '.repeat(COLUMN)}${help}`;
}
