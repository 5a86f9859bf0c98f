import { Command } from 'commander';
import { executeLive } from '../../node/live/execute-live.js';
import { explainUsage } from '../help/explain-usage.js';
import { complain } from '../terminal/complain.js';
import { printReportLine } from '../terminal/reports.js';

export function buildExecCommand(): Command {
  return new Command()
    .option('--no-systemd', 'sync and start the kernel at once, even if systemd runs')
    .option(
      '--json',
      'print the last step as JSON, before it is made; if it fails, the refusal on another line',
    )
    .addHelpText(
      'after',
      explainUsage({
        about: `
Fails if no kernel is loaded. If systemd runs, it stops the system first (systemctl kexec). Otherwise, and with
--no-systemd, file systems are synced and the loaded kernel starts while everything still runs.`,
        examples: `
kexec-file exec
kexec-file exec --no-systemd`,
      }),
    )
    .action(execute);
}

async function execute({ systemd, json }: { systemd: boolean; json?: boolean }): Promise<void> {
  const announce = (announcement: string): void => {
    complain(announcement);
    if (json === true) printReportLine('exec', { announcement });
  };
  await executeLive(announce, { systemd });
}
