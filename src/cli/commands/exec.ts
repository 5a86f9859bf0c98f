import { Command } from 'commander';
import { executeLive } from '../../node/live/execute.js';

export function execCommand(): Command {
  return new Command()
    .option('--no-systemd', 'sync and reboot at once, even where systemd runs')
    .addHelpText(
      'after',
      `
Where systemd runs, it stops the system first (systemctl kexec). Elsewhere file systems are synced, and the loaded
kernel is entered with everything still running.

Examples:
  kexec-file exec
  kexec-file exec --no-systemd`,
    )
    .action(execute);
}

async function execute({ systemd }: { systemd: boolean }): Promise<void> {
  await executeLive((text) => process.stderr.write(`kexec-file: ${text}\n`), { systemd });
}
