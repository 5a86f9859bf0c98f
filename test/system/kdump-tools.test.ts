import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepInitramfs, runApt } from './administration.js';
import { findDeb } from './packages.js';
import { type DebianSystem, runSystem } from './run-system.js';

const CRASH = 'echo c > /proc/sysrq-trigger';

/** A crash, the capture kernel, kdump-tools' service in it, and the boot after it. */
const CRASH_TIMEOUT = 12 * 60_000;

/**
 * Debian's kdump-tools after a crash, with Debian's own kexec and makedumpfile, then with ours in their place. Each test
 * continues where the one before it ended.
 */
describe("kdump-tools' service under UEFI", { timeout: CRASH_TIMEOUT }, () => {
  let system: DebianSystem;

  beforeAll(async () => {
    system = await runSystem({ name: 'kdump-tools', firmware: 'uefi', commandLine: 'crashkernel=384M' });
    const debs = [findDeb('kexec-file', 'arm64')];
    for (const name of ['kexec-file-kexec-tools', 'kexec-file-makedumpfile']) debs.push(findDeb(name, 'all'));
    await system.copyIn(debs, '/root/');
    await keepInitramfs(system);
    await runApt(system, 'install', 'kdump-tools', 'makedumpfile', '/root/kexec-file_*.deb');
  }, CRASH_TIMEOUT);

  afterAll(() => system?.stop());

  it("has Debian's own makedumpfile, of which doctor says that no dump will come out, and why", async () => {
    expect(await system.succeed('kdump-config status')).toContain('ready to kdump');
    expect((await system.run('kexec-file doctor')).stdout).toMatch(/makedumpfile.*52/s);
  });

  it("leaves neither log nor dump, with Debian's own makedumpfile", async () => {
    await system.reboot(CRASH, CRASH_TIMEOUT);
    // If this fails, Debian's makedumpfile saves dumps of this kernel: doctor and docs/kdump.md say otherwise.
    expect(system.console).toContain('PAGE SIZE 0x1000 and VA Bits 52 not supported');
    const files = await listCrash(system);
    expect(files.filter(({ path }) => path.includes('/dmesg.'))).toEqual([]);
    expect(files.filter(({ path, size }) => path.includes('/dump.') && size > 4096)).toEqual([]);
  });

  it('is content with ours in their place, and so is doctor', async () => {
    await runApt(
      system,
      'install',
      '/root/kexec-file-kexec-tools_*.deb',
      '/root/kexec-file-makedumpfile_*.deb',
    );
    await system.succeed('systemctl restart kdump-tools', { timeout: CRASH_TIMEOUT });
    expect(await system.succeed('kdump-config status')).toContain('ready to kdump');
    expect((await system.run('kexec-file doctor')).stdout).not.toMatch(/VA Bits|52-bit/);
  });

  it('leaves log and dump of a crash, and the machine is up again', async () => {
    await system.reboot(CRASH, CRASH_TIMEOUT);
    expect(await system.succeed('kdump-config status')).toContain('ready to kdump');
    const files = await listCrash(system);
    const log = files.find(({ path }) => path.includes('/dmesg.'));
    const dump = files.find(({ path }) => path.includes('/dump.'));
    expect(await system.succeed(`cat ${log?.path}`)).toContain('sysrq: Trigger a crash');
    const info = await system.succeed(`kexec-file vmcore info ${dump?.path}`);
    expect(info).toContain((await system.succeed('uname -r')).trim());
    expect(await system.succeed(`kexec-file vmcore dmesg ${dump?.path}`)).toContain('sysrq: Trigger a crash');
    const size = `${Math.round((dump?.size ?? 0) / 2 ** 20)} MiB`;
    process.stdout.write(`kdump-tools' dump: ${size}\n${info.split('\n').slice(0, 6).join('\n')}\n`);
    process.stdout.write(await system.succeed('kdump-config status'));
  });
});

async function listCrash(system: DebianSystem): Promise<{ readonly size: number; readonly path: string }[]> {
  const listed = await system.succeed(
    `cd "$(ls -d /var/crash/2* | tail -n 1)" && find "$PWD" -type f -printf '%s %p\\n'`,
  );
  return listed
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([size, path = '']) => ({ size: Number(size), path }));
}
