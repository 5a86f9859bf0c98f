import { Layout } from '../../../view/text/layout.js';
import { formatLines, type Printable } from '../../../view/text/printable.js';
import { formatOptionHelp } from '../option-help.js';
import { OPTIONS, OPTIONS_OF, type OptionId } from './makedumpfile-options.js';

const USAGE = `Usage: makedumpfile [OPTION]... VMCORE DUMPFILE
       makedumpfile -F [OPTION]... VMCORE
       makedumpfile -R [-f] DUMPFILE
       makedumpfile --split [OPTION]... VMCORE DUMPFILE1 DUMPFILE2...
       makedumpfile --reassemble [-f] DUMPFILE1 DUMPFILE2... DUMPFILE
       makedumpfile --mem-usage /proc/kcore
       makedumpfile --dump-dmesg [OPTION]... VMCORE LOGFILE

Copies a dump without unneeded pages. This is kexec-file, which takes the
options of ${OPTIONS_OF} when it is called as makedumpfile.
`;

/** Formats the output of `-v`, which scripts search for "version" and a number. */
export function formatVersion(version: string): Printable {
  return formatLines([
    `${OPTIONS_OF.replace(' ', ': version ')} (kexec-file ${version})`,
    'lzo     enabled',
    'snappy  enabled',
    'zstd    enabled',
  ]);
}

/** Formats the help. @param columns - of a terminal */
export function formatHelp(columns?: number): Printable {
  const layout = new Layout({ columns });
  const list = (isListed: (id: OptionId) => boolean) =>
    OPTIONS.filter(({ id }) => isListed(id)).map((option) => formatOptionHelp(option, layout));
  const parts = [
    USAGE,
    ...list((id) => id !== 'idle' && id !== 'refused'),
    '\nAccepted, without effect:\n',
    ...list((id) => id === 'idle'),
    '\nRefused:\n',
    ...list((id) => id === 'refused'),
  ];
  return formatLines(parts.flatMap((part) => part.split('\n')));
}
