import { Command } from 'commander';
import type { LiveLoad } from '../../node/live/load-request.js';
import { unloadLive } from '../../node/live/unload-live.js';
import { explainUsage } from '../help/explain-usage.js';
import { buildSyscallOption } from '../options/syscall-option.js';
import { printReport } from '../terminal/reports.js';

export function buildUnloadCommand(): Command {
  return new Command()
    .option('--panic', 'unload the crash kernel')
    .addOption(buildSyscallOption())
    .option('--json', 'print what was unloaded as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Unloads the kernel, whichever system call loaded it. It is no error if none is loaded.`,
        examples: `
kexec-file unload
kexec-file unload --panic`,
      }),
    )
    .action(unload);
}

interface UnloadOptions {
  readonly panic?: boolean;
  readonly syscall: LiveLoad['syscall'];
  readonly json?: boolean;
}

async function unload({ panic, syscall, json }: UnloadOptions): Promise<void> {
  const type = panic === true ? 'crash' : 'default';
  await unloadLive(type, syscall);
  if (json === true) printReport('unload', { type });
}
