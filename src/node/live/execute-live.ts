import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { requireAbi } from './system-calls/abi.js';
import { openReboot } from './system-calls/reboot.js';
import { readState } from './system-calls/state.js';

/** This folder exists while systemd is the running init: sd_booted(3). */
const SYSTEMD = '/run/systemd/system';

/** Whether systemd is the running init, which stops the system before a kexec. */
export function isSystemdRunning(): boolean {
  return existsSync(SYSTEMD);
}

/** How to start the loaded kernel. */
export interface ExecuteOptions {
  /** Whether systemd, if it runs, stops the system first. Default: `true`. */
  readonly systemd?: boolean | undefined;
}

/**
 * Starts the loaded kernel: through systemd, which stops services and unmounts first; without systemd, file systems are
 * synced and reboot(2) is called while everything still runs.
 *
 * @param announce - is called with a message before the last step
 * @returns a promise that never settles: systemd ends this process, or the kernel is left.
 * @throws KexecError `EINVAL`, check `live-state`, if no kernel is loaded; check `reboot` if the kernel or systemd
 *   refuses.
 */
export async function executeLive(
  announce: (text: string) => void,
  { systemd = true }: ExecuteOptions = {},
): Promise<never> {
  requireAbi();
  if (!readState().loaded) {
    refuse('live-state', 'EINVAL', 'no kernel is loaded: /sys/kernel/kexec_loaded is 0');
  }
  if (systemd && isSystemdRunning()) {
    announce('systemd stops this system and starts the loaded kernel (systemctl kexec)');
    runSystemctl();
    return new Promise(() => undefined);
  }
  const reboot = await openReboot();
  reboot.sync();
  announce('file systems are synced; starting the loaded kernel');
  return reboot.kexec();
}

function runSystemctl(): void {
  const { status, error, stderr } = spawnSync('systemctl', ['kexec'], { encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim();
  refuse(
    'reboot',
    'EIO',
    `systemctl kexec failed (${status ?? 'ended by a signal'}): ${why}; --no-systemd avoids it`,
    { cause: error },
  );
}
