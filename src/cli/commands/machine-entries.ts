import { Command, Option } from 'commander';
import { findBootMenu, findEntryOfRelease } from '../../boot-entry/find-entry.js';
import { readEntryFiles } from '../../node/boot-entry/read-entry-files.js';
import { buildEntriesJson } from '../../view/json/boot-entry-json.js';
import { formatBootEntries } from '../../view/text/boot-entries-text.js';
import { line } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';

export function buildMachineEntriesCommand(): Command {
  return new Command('entries')
    .description("list this machine's boot entries, and which one is the default")
    .option('--root <folder>', "the machine's root, such as a mounted image", '/')
    .option('--json', 'print the entries as JSON')
    .addOption(
      new Option(
        '--release <release>',
        'print only the ID of the entry that starts this release (of uname -r), and not for rescue',
      ).conflicts('json'),
    )
    .addHelpText(
      'after',
      explainUsage({
        about: `
Lists what the boot loader of this machine can start: kernel, initrds and command line of each entry, and why one of
them is the default. "load --default" loads that one; "load --boot-entry NAME" loads another. An entry that cannot be
loaded is listed with the reason.

The boot loader that started the machine counts, if it said who it is. Else it is the first of these that exists: GRUB,
extlinux.conf, the firmware of a Raspberry Pi, entries of the Boot Loader Specification, /etc/kernel/cmdline with the
installed kernels, the links /vmlinuz and /initrd.img.`,
        documents: ['docs/installed.md'],
        examples: `
kexec-file machine entries
kexec-file machine entries --root /mnt --json
grub-reboot "$(kexec-file machine entries --release "$(uname -r)")"`,
      }),
    )
    .action(listEntries);
}

interface EntriesOptions {
  readonly root: string;
  readonly json?: boolean;
  readonly release?: string;
}

function listEntries({ root, json, release }: EntriesOptions): void {
  const menu = findBootMenu(readEntryFiles(root));
  if (release !== undefined) printText(line`${findEntryOfRelease(menu, release).id}`);
  else if (json === true) printReport('machine-entries', buildEntriesJson(menu));
  else printText(formatBootEntries(menu, outputView()));
}
