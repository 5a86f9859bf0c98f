import { Command } from 'commander';
import type { LiveLoad } from '../../node/live/load-request.js';
import { unloadLive } from '../../node/live/unload-live.js';
import { explainUsage } from '../help/explain-usage.js';
import { buildSyscallOption } from '../options/syscall-option.js';

export function buildUnloadCommand(): Command {
  return new Command()
    .option('--panic', 'unload the crash kernel')
    .addOption(buildSyscallOption())
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

async function unload({ panic, syscall }: { panic?: boolean; syscall: LiveLoad['syscall'] }): Promise<void> {
  await unloadLive(panic === true ? 'crash' : 'default', syscall);
}
