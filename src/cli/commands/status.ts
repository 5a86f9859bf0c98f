import { Command } from 'commander';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { readState } from '../../node/live/system-calls/state.js';
import { line } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';

export function buildStatusCommand(): Command {
  return new Command()
    .option('--json', 'print the status as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints whether a kernel and a crash kernel are loaded, and the size of the crash region. It reads
/sys/kernel/kexec_loaded, kexec_crash_loaded and kexec_crash_size. Exit code 0, whatever is loaded.`,
        examples: `
kexec-file status
kexec-file status --json`,
      }),
    )
    .action(status);
}

function status({ json }: { json?: boolean }): void {
  const { loaded, crashLoaded, crashSize } = readState();
  if (json === true) {
    printReport('status', { loaded, crashLoaded, crashSize: hex(crashSize) });
    return;
  }
  const region = crashSize === 0n ? 'none' : formatSize(crashSize);
  printText(line`kernel        ${word(loaded)}`);
  printText(line`crash kernel  ${word(crashLoaded)}`);
  printText(line`crash region  ${region}`);
}

function word(loaded: boolean): string {
  return loaded ? 'loaded' : 'not loaded';
}
