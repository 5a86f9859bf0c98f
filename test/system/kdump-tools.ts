import { expect } from 'vitest';
import { findDeb } from './packages.js';
import type { DebianSystem } from './run-system.js';

/** A crash, the capture kernel, kdump-tools' service in it, and the boot after it. In milliseconds. */
export const CRASH_TIMEOUT = 12 * 60_000;

/** The packages that put our program in the place of kexec-tools and makedumpfile, and the program itself. */
export function listDropInDebs(architecture: 'arm64' | 'amd64'): string[] {
  const dropIns = ['kexec-file-kexec-tools', 'kexec-file-makedumpfile'];
  return [findDeb('kexec-file', architecture), ...dropIns.map((name) => findDeb(name, 'all'))];
}

/** Crashes the system, and waits until it is up again. @returns the files that the service of the capture kernel left */
export async function crashSystem(
  system: DebianSystem,
): Promise<{ readonly size: number; readonly path: string }[]> {
  await system.reboot('echo c > /proc/sysrq-trigger', CRASH_TIMEOUT);
  const listed = await system.succeed(
    `cd "$(ls -d /var/crash/2* | tail -n 1)" && find "$PWD" -type f -printf '%s %p\\n'`,
  );
  return listed
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([size, path = '']) => ({ size: Number(size), path }));
}

/** Crashes the system, and expects that log and dump are there and can be read, and that the next crash would be saved. */
export async function expectSavedCrash(system: DebianSystem): Promise<void> {
  const files = await crashSystem(system);
  expect(await system.succeed('kdump-config status')).toContain('ready to kdump');
  const log = files.find(({ path }) => path.includes('/dmesg.'));
  const dump = files.find(({ path }) => path.includes('/dump.'));
  expect(await system.succeed(`cat ${log?.path}`)).toContain('sysrq: Trigger a crash');
  const info = await system.succeed(`kexec-file vmcore info ${dump?.path}`);
  expect(info).toContain((await system.succeed('uname -r')).trim());
  expect(await system.succeed(`kexec-file vmcore dmesg ${dump?.path}`)).toContain('sysrq: Trigger a crash');
  const size = `${Math.round((dump?.size ?? 0) / 2 ** 20)} MiB`;
  process.stdout.write(`kdump-tools' dump: ${size}\n${info.split('\n').slice(0, 6).join('\n')}\n`);
  process.stdout.write(await system.succeed('kdump-config status'));
}
