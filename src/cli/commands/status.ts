import { Command } from 'commander';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import type { HandoverState } from '../../machine/handover-state.js';
import { readHandoverStatus } from '../../node/live/handover-status.js';
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
Prints whether a kernel and a crash kernel are loaded, the size of the crash region, and whether Kexec Handover (KHO) and
the live update orchestrator (LUO) are on. It reads loaded, crash_loaded and crash_size in /sys/kernel/kexec, or
kexec_loaded and so on in /sys/kernel of an older kernel. Only root sees for certain whether KHO is on. Exit code 0,
whatever is loaded.`,
        examples: `
kexec-file status
kexec-file status --json`,
      }),
    )
    .action(status);
}

function status({ json }: { json?: boolean }): void {
  const { loaded, crashLoaded, crashSize } = readState();
  const { handover, liveUpdate } = readHandoverStatus();
  if (json === true) {
    printReport('status', { loaded, crashLoaded, crashSize: hex(crashSize), handover, liveUpdate });
    return;
  }
  const region = crashSize === 0n ? 'none' : formatSize(crashSize);
  printText(line`kernel        ${word(loaded)}`);
  printText(line`crash kernel  ${word(crashLoaded)}`);
  printText(line`crash region  ${region}`);
  printText(line`KHO           ${HANDOVER_WORDS[handover]}`);
  printText(line`LUO           ${liveUpdate ? 'on' : 'off'}`);
}

const HANDOVER_WORDS: Readonly<Record<HandoverState, string>> = {
  on: 'on',
  asked:
    'switched on, but whether the kernel reserved its areas is unknown (run as root, with debugfs mounted)',
  off: 'off',
  unknown: "unknown: the kernel's configuration cannot be read",
};

function word(loaded: boolean): string {
  return loaded ? 'loaded' : 'not loaded';
}
