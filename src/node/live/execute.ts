import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { requireArm64Linux } from './system-calls/libc.js';
import { openReboot } from './system-calls/reboot.js';
import { readState } from './system-calls/state.js';

/** There while systemd is the init that runs: sd_booted(3). */
const SYSTEMD = '/run/systemd/system';

/** How to leave. */
export interface ExecuteOptions {
  /** Whether systemd, where it runs, first stops what runs; `true` if left out. */
  readonly systemd?: boolean | undefined;
}

/**
 * Enters the loaded kernel: through systemd, which stops services and unmounts first; else file systems are synced and
 * reboot(2) is called, with everything still running.
 *
 * @param say - told what is done last, before it is done
 * @returns only where systemd has been told, and then never: the process may end or be ended.
 * @throws KexecError `EINVAL`, check `live-state`, if no kernel is loaded; check `reboot` if the kernel or systemd refuses.
 */
export async function executeLive(
  say: (text: string) => void,
  { systemd = true }: ExecuteOptions = {},
): Promise<never> {
  requireArm64Linux();
  if (!readState().loaded) {
    refuse(
      'live-state',
      'EINVAL',
      '/sys/kernel/kexec_loaded is 0: no kernel is loaded that could be entered',
    );
  }
  if (systemd && existsSync(SYSTEMD)) {
    say('systemd stops this system and enters the loaded kernel (systemctl kexec)');
    runSystemctl();
    return new Promise(() => undefined);
  }
  const reboot = await openReboot();
  reboot.sync();
  say('file systems are synced; entering the loaded kernel');
  return reboot.kexec();
}

function runSystemctl(): void {
  const { status, error, stderr } = spawnSync('systemctl', ['kexec'], { encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim();
  refuse(
    'reboot',
    'EIO',
    `systemctl kexec ended with ${status ?? 'a signal'}: ${why}; --no-systemd does without it`,
    { cause: error },
  );
}
