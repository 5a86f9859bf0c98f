import { Command } from 'commander';
import { formatLines, line } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import { printText } from '../terminal/output.js';
import { formatBuild, formatVersion, readLicences } from '../terminal/version.js';

interface VersionOptions {
  readonly build?: boolean;
  readonly licenses?: boolean;
}

export function buildVersionCommand(): Command {
  return new Command()
    .option('--build', 'print what was built, from which commit, and the Node that runs it')
    .option('--licenses', 'print the licences of kexec-file and of all that it contains')
    .addHelpText(
      'after',
      explainUsage({ examples: 'kexec-file version\nkexec-file version --licenses | less' }),
    )
    .action(({ build, licenses }: VersionOptions) => {
      if (licenses === true) printText(formatLines(readLicences().trimEnd().split('\n')));
      else if (build === true) printText(formatLines(formatBuild()));
      else printText(line`${formatVersion()}`);
    });
}
