import { Layout } from '../../../view/text/layout.js';
import { formatLines, line, type Printable } from '../../../view/text/printable.js';
import { formatOptionHelp } from '../option-help.js';
import type { KexecOption } from './kexec-option.js';
import { listOptions, OPTIONS_OF } from './kexec-options.js';
import type { RequestHost } from './kexec-request.js';

const USAGE = `Usage: kexec [OPTION]... [KERNEL]

Loads a kernel, and starts it. This is kexec-file, which takes the options of
${OPTIONS_OF} when it is called as kexec. Without an action (-l, -p, -u,
-e, -f, -S), KERNEL is loaded and shutdown -r now is called to start it.
`;

/** Formats the output of `--version`: scripts look for "kexec-tools" and a version after it. */
export function formatVersion(version: string): Printable {
  return line`${OPTIONS_OF} (kexec-file ${version})`;
}

/** Formats the help. @param columns - of a terminal */
export function formatHelp(architecture: RequestHost['architecture'], columns?: number): Printable {
  const options = listOptions(architecture);
  const layout = new Layout({ columns });
  const isOwn = ({ isUnabbreviated }: KexecOption) => isUnabbreviated === true;
  const isRefused = ({ id }: KexecOption) => id === 'refused';
  const works = options.filter((option) => !isOwn(option) && !isRefused(option));
  const parts = [
    USAGE,
    ...works.map((option) => formatOptionHelp(option, layout)),
    '\nOptions of kexec-file, for signatures:\n',
    ...options.filter(isOwn).map((option) => formatOptionHelp(option, layout)),
    '\nRefused:\n',
    ...options.filter(isRefused).map((option) => formatOptionHelp(option, layout)),
  ];
  return formatLines(parts.flatMap((part) => part.split('\n')));
}
