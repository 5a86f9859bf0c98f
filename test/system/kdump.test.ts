import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeUnit, isLoaded, runApt } from './administration.js';
import { findDeb } from './packages.js';
import { type DebianSystem, runSystem, SYSTEM_TEST_TIMEOUT } from './run-system.js';
import { addSmallDisk, mountSmallDisk, SMALL_DISK } from './small-disk.js';

const UNIT = 'kexec-file-kdump.service';

/** Debian's kernels are signed by Debian, whose certificate no firmware of a virtual machine has. */
const SETTINGS = `
[kdump]
keyrings = ["/usr/share/shim/debian-uefi-ca.der"]
filter = "all"
`;

/** Each test continues where the one before it ended. */
describe('kdump in a Debian system under UEFI', { timeout: SYSTEM_TEST_TIMEOUT }, () => {
  let system: DebianSystem;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kexec-file-disk-'));
    const qemu = addSmallDisk(folder);
    system = await runSystem({ name: 'kdump', firmware: 'uefi', commandLine: 'crashkernel=384M', qemu });
    await system.copyIn([findDeb('kexec-file', 'arm64')], '/root/');
    await runApt(system, 'install', '/root/kexec-file_*.deb', 'shim-unsigned');
  }, SYSTEM_TEST_TIMEOUT);

  afterAll(async () => {
    await system?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('loads the crash kernel as a unit', async () => {
    expect(await system.succeed('ls /sys/firmware')).toMatch(/acpi.*efi/s);
    await system.succeed('cat > /etc/kexec-file.conf', { input: SETTINGS });
    const { status, journal } = await changeUnit(system, 'start', UNIT);
    expect(status, journal.join('\n')).toBe(0);
    expect(await isLoaded(system, 'crash')).toBe(true);
    expect(await system.succeed('kexec-file kdump status')).toMatch(/loaded/);
  });

  it('keeps the crash kernel, with a wrong value in the settings, and names it in one line', async () => {
    await system.succeed('cat > /etc/kexec-file.conf', { input: '[kdump]\npath = "relative"\n' });
    const { status, journal } = await changeUnit(system, 'reload', UNIT);
    expect(status).not.toBe(0);
    expect(
      journal.filter((line) => /kexec-file\.conf.*path/.test(line)),
      journal.join('\n'),
    ).toHaveLength(1);
    expect(await isLoaded(system, 'crash')).toBe(true);
    await system.succeed('cat > /etc/kexec-file.conf', { input: SETTINGS });
  });

  it('keeps the crash kernel, when it is started anew with a wrong value in the settings', async () => {
    await system.succeed('cat > /etc/kexec-file.conf', { input: '[kdump]\npath = "relative"\n' });
    expect((await changeUnit(system, 'restart', UNIT)).status).not.toBe(0);
    expect(await isLoaded(system, 'crash')).toBe(true);
    await system.succeed('cat > /etc/kexec-file.conf', { input: SETTINGS });
    expect((await changeUnit(system, 'restart', UNIT)).status).toBe(0);
    expect(await isLoaded(system, 'crash')).toBe(true);
    expect((await changeUnit(system, 'stop', UNIT)).status).toBe(0);
    expect(await isLoaded(system, 'crash')).toBe(false);
    expect((await changeUnit(system, 'start', UNIT)).status).toBe(0);
  });

  it('is said to save nothing, if the folder for dumps cannot be written', async () => {
    await system.succeed(`sed -i 's/^filter/path = "\\/proc\\/dumps"\\n&/' /etc/kexec-file.conf`);
    const { stdout } = await system.run('kexec-file kdump status');
    expect(stdout).toMatch(/(problem|warning) .*\/proc\/dumps/s);
    const { status, stderr } = await system.run('kexec-file kdump reload');
    expect(status).toBe(1);
    expect(stderr).toMatch(/kdump-target.*\/proc\/dumps/s);
    expect(await isLoaded(system, 'crash')).toBe(true);
    await system.succeed('cat > /etc/kexec-file.conf', { input: SETTINGS });
  });

  it('leaves a dump after a crash, and the machine is up again', async () => {
    await system.succeed(`systemctl enable ${UNIT}`);
    await system.reboot('echo c > /proc/sysrq-trigger');
    expect(await system.succeed('systemctl is-system-running')).toBe('running\n');
    const dumps = (await system.succeed('find /var/crash -type f -name vmcore')).trim().split('\n');
    expect(dumps).toHaveLength(1);
    const [dump = ''] = dumps;
    const info = await system.succeed(`kexec-file vmcore info ${dump}`);
    expect(info).toContain((await system.succeed('uname -r')).trim());
    expect(await system.succeed(`kexec-file vmcore dmesg ${dump}`)).toContain('sysrq: Trigger a crash');
    process.stdout.write(
      `dump: ${await system.succeed(`du -h ${dump}`)}${info.split('\n').slice(0, 6).join('\n')}\n`,
    );
  });

  it('loads the crash kernel again when the machine starts', async () => {
    expect(await isLoaded(system, 'crash')).toBe(true);
    expect(await system.succeed(`systemctl is-active ${UNIT}`)).toBe('active\n');
  });

  it('saves the log on a disk that is too small for a dump, and the machine is up again', async () => {
    await mountSmallDisk(system);
    await system.succeed(`sed -i 's|^filter|path = "${SMALL_DISK}"\\n&|' /etc/kexec-file.conf`);
    await changeUnit(system, 'reload', UNIT);
    await system.reboot('echo c > /proc/sysrq-trigger');
    const saved = await system.succeed(`cd ${SMALL_DISK}/2* && find . -type f && cat dmesg.txt`);
    expect(saved).toContain('sysrq: Trigger a crash');
    expect(saved).not.toMatch(/^\.\/vmcore/m);
  });
});
