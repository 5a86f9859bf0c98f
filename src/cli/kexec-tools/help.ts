import { type KexecOption, OPTIONS, OPTIONS_OF } from './kexec-options.js';

const USAGE = `Usage: kexec [OPTION]... [KERNEL]

Loads a kernel, and starts it. This is kexec-file, which takes the options of
${OPTIONS_OF} when it is called as kexec. Without an action (-l, -p, -u, -e, -f,
-S), KERNEL is loaded and shutdown -r now is called to start it.
`;

/** The widest left column. */
const COLUMN = 30;

/** What `--version` prints: scripts look for "kexec-tools" and a version behind it. */
export function versionText(version: string): string {
  return `${OPTIONS_OF} (kexec-file ${version})`;
}

/** What `--help` prints, and wrong usage. */
export function helpText(): string {
  const isOwn = ({ isUnabbreviated }: KexecOption) => isUnabbreviated === true;
  const isRefused = ({ id }: KexecOption) => id === 'refused';
  const works = OPTIONS.filter((option) => !isOwn(option) && !isRefused(option));
  return [
    USAGE,
    ...works.map(line),
    "\nOf kexec-file's own, about signatures:\n",
    ...OPTIONS.filter(isOwn).map(line),
    '\nRefused:\n',
    ...OPTIONS.filter(isRefused).map(line),
  ].join('\n');
}

function line({ names, letter, argument, help }: KexecOption): string {
  const long = names.map((name) => `--${name}`).join(', ');
  const left = `  ${letter === undefined ? '    ' : `-${letter}, `}${long}${argument === undefined ? '' : `=${argument}`}`;
  return left.length < COLUMN ? `${left.padEnd(COLUMN)}${help}` : `${left}\n${' '.repeat(COLUMN)}${help}`;
}
