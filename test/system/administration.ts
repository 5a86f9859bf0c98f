import type { DebianSystem } from './run-system.js';
import type { CommandRun } from './ssh.js';

/** Installing unpacks the executable, which takes an emulated CPU 20 seconds; kdump-tools builds an initrd, too. */
const APT_TIMEOUT = 600_000;

/** Runs apt-get(8) without questions. @returns what it and the packages' scripts printed */
export async function runApt(system: DebianSystem, ...args: readonly string[]): Promise<string> {
  return system.succeed(
    `DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Use-Pty=0 ${args.join(' ')} 2>&1 < /dev/null`,
    { timeout: APT_TIMEOUT },
  );
}

/**
 * Packages do not make the system's initramfs again from now on: that takes an emulated CPU up to three minutes, and the
 * one that is there starts the same kernel.
 */
export async function keepInitramfs(system: DebianSystem): Promise<void> {
  await system.succeed(`
    sed -i 's/^update_initramfs=.*/update_initramfs=no/' /etc/initramfs-tools/update-initramfs.conf
    chmod -x /etc/kernel/postinst.d/initramfs-tools
  `);
}

/** Starts, stops, restarts a unit. @returns how systemctl ended, and what the unit wrote to the journal */
export async function changeUnit(
  system: DebianSystem,
  verb: 'start' | 'stop' | 'restart' | 'reload',
  unit: string,
): Promise<CommandRun & { readonly journal: string[] }> {
  const cursor = (await system.succeed('journalctl -q -n 0 --show-cursor'))
    .replace(/^-- cursor: /, '')
    .trim();
  const run = await system.run(`systemctl ${verb} ${unit}`, { timeout: APT_TIMEOUT });
  const lines = await system.succeed(
    `journalctl --sync; journalctl -q -o cat --after-cursor='${cursor}' _SYSTEMD_UNIT=${unit}`,
  );
  return { ...run, journal: lines.split('\n').filter(Boolean) };
}

/** Whether a kernel is loaded: the next one, or the one for a crash. */
export async function isLoaded(system: DebianSystem, kind: 'next' | 'crash' = 'next'): Promise<boolean> {
  const file = kind === 'next' ? 'kexec_loaded' : 'kexec_crash_loaded';
  return (await system.succeed(`cat /sys/kernel/${file}`)).trim() === '1';
}

/** What packages leave in a system: files, settings of dpkg and systemd. Caches and logs do not count. */
export async function listTraces(system: DebianSystem): Promise<string[]> {
  const listed = await system.succeed(`
    find /boot /etc /opt /srv /usr /var -xdev \\( ${UNCOUNTED.map((path) => `-path ${path}`).join(' -o ')} \\) -prune -o -print
    find /var/lib/dpkg /var/lib/systemd /run -xdev -name '*kexec*'
    dpkg-query -W -f 'package \${Package} \${db:Status-Abbrev}\\n'
    dpkg-divert --list
    update-alternatives --get-selections
    systemctl list-unit-files --no-legend | awk '{print "unit", $1, $2}'
  `);
  return listed.split('\n').sort();
}

const UNCOUNTED = [
  ...['/var/cache', '/var/log', '/var/backups', '/var/tmp', '/var/lib/dpkg', '/var/lib/apt'],
  ...['/var/lib/systemd', '/var/lib/private'],
];
