import { Command } from 'commander';
import { line } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import { printText } from '../terminal/output.js';
import { packageVersion } from '../terminal/version.js';

export function buildVersionCommand(): Command {
  return new Command()
    .addHelpText('after', explainUsage({ examples: 'kexec-file version' }))
    .action(() => printText(line`${packageVersion()}`));
}
