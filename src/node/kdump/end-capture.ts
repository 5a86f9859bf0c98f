import { spawnSync } from 'node:child_process';
import { refuse } from '../../base/error.js';
import type { KdumpSettings } from '../../settings/kdump-settings.js';

/**
 * How systemd does it. `--force` stops no services: the capture kernel has little memory, and file systems are synced
 * and unmounted all the same.
 */
const COMMANDS: Readonly<Record<KdumpSettings['after'], readonly string[]>> = {
  reboot: ['--force', 'reboot'],
  poweroff: ['--force', 'poweroff'],
  shell: ['--no-block', 'start', 'emergency.target'],
};

/**
 * Ends the capture kernel's work: restarts the machine, powers it off, or starts a shell on the console.
 *
 * @throws KexecError `EIO`, check `kdump-end`, if systemd does not.
 */
export function endCapture(after: KdumpSettings['after']): void {
  const args = COMMANDS[after];
  const { status, error, stderr } = spawnSync('systemctl', args, { encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim();
  refuse(
    'kdump-end',
    'EIO',
    `systemctl ${args.join(' ')} failed (${status ?? 'ended by a signal'}): ${why}`,
    {
      cause: error,
    },
  );
}
