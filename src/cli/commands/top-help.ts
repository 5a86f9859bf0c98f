/** The help of the program itself. It loads neither commander nor any command, so that it is there at once. */
import { COLOR, DEBUG, HELP, VERSION } from '../help/global-options.js';
import { formatHelpPage, type HelpPage, type HelpSection } from '../help/help-page.js';
import { formatHelpText, type HelpText } from '../help/help-text.js';
import { EXIT_CODES } from '../terminal/exit-codes.js';
import { COMMANDS } from './commands.js';

const TEXT: HelpText = {
  about: `
"kexec-file help COMMAND" explains a command. Names of files may be "-", standard input or output; FILE#NAME takes a
member of a file. Where a command reports something, --json prints it for programs.

A refusal names a check, and "kexec-file explain CHECK" explains it. Called as kexec, by a link of that name, the
program takes the options of kexec-tools.`,
  documents: [
    'docs/tutorial.md',
    'docs/command-line.md',
    'docs/commands/README.md',
    'docs/errors.md',
    'docs/glossary.md',
  ],
  examples: `
kexec-file doctor
kexec-file plan vmlinuz --initrd initrd.img --command-line 'console=ttyAMA0'
kexec-file explain segment-total`,
};

/** Formats what `kexec-file -h` and `--help` print, without the last line feed. */
export function formatTopHelp(columns: number, isShort: boolean): string {
  if (isShort) return `${formatHelpPage(PAGE, columns)}\nmore: kexec-file --help`;
  const sections = [...PAGE.sections, { heading: 'Exit codes', items: EXIT_CODES }];
  return `${formatHelpPage({ ...PAGE, sections }, columns)}\n${formatHelpText(TEXT, columns)}`;
}

const PAGE: HelpPage = {
  first: 'start with: kexec-file doctor',
  usage: 'kexec-file [options] <command>',
  description:
    'kexec_file_load(2) for arm64 and x86_64: plan a load as the kernel does, explain it, and hand over.',
  sections: [...groupCommands(), { heading: 'Options', items: describeOptions() }],
};

function groupCommands(): HelpSection[] {
  const entries = Object.entries(COMMANDS);
  return [...new Set(entries.map(([, { group }]) => group))].map((group) => ({
    heading: group,
    items: entries
      .filter(([, entry]) => entry.group === group)
      .map(([name, { summary }]) => ({ term: name, text: summary })),
  }));
}

function describeOptions() {
  return [HELP, VERSION, COLOR, DEBUG].map(({ flags, text }) => ({ term: flags, text }));
}
