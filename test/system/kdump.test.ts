import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeUnit, isLoaded, runApt } from './administration.js';
import { findDeb } from './packages.js';
import { type DebianSystem, runSystem, SYSTEM_TEST_TIMEOUT } from './run-system.js';

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

  beforeAll(async () => {
    system = await runSystem({ name: 'kdump', firmware: 'uefi', commandLine: 'crashkernel=384M' });
    await system.copyIn([findDeb('kexec-file', 'arm64')], '/root/');
    await runApt(system, 'install', '/root/kexec-file_*.deb', 'shim-unsigned');
  }, SYSTEM_TEST_TIMEOUT);

  afterAll(() => system?.stop());

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

  it('is said to save nothing, if the folder for dumps cannot be written', async () => {
    await system.succeed(`sed -i 's/^filter/path = "\\/proc\\/dumps"\\n&/' /etc/kexec-file.conf`);
    const { stdout } = await system.run('kexec-file kdump status');
    expect(stdout).toMatch(/(problem|warning) .*\/proc\/dumps/s);
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
});
