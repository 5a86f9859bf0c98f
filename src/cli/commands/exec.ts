import { Command } from 'commander';
import { executeLive } from '../../node/live/execute-live.js';
import { explainUsage } from '../help/explain-usage.js';
import { complain } from '../terminal/complain.js';

export function buildExecCommand(): Command {
  return new Command()
    .option('--no-systemd', 'sync and start the kernel at once, even if systemd runs')
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

async function execute({ systemd }: { systemd: boolean }): Promise<void> {
  await executeLive(complain, { systemd });
}
