import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinLines } from '../support/cli.js';
import { changeUnit, isLoaded, keepInitramfs, listTraces, runApt } from './administration.js';
import { buildNextVersion, findDeb } from './packages.js';
import { type DebianSystem, runSystem, SYSTEM_TEST_TIMEOUT } from './run-system.js';

const UNIT = 'kexec-file-load.service';

/** Debian's kernels are signed by Debian; the machine has no firmware that knows Debian's certificate. */
const TRUST_DEBIAN = `sed -i '0,/^#keyrings = .*/s||keyrings = ["/usr/share/shim/debian-uefi-ca.der"]|' /etc/kexec-file.conf`;

/** Each test continues where the one before it ended. */
describe('the package in a Debian system', { timeout: SYSTEM_TEST_TIMEOUT }, () => {
  let system: DebianSystem;
  let before: string[];
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kexec-file-deb-'));
    const deb = findDeb('kexec-file', 'arm64');
    system = await runSystem({ name: 'install' });
    before = await listTraces(system);
    await system.copyIn([deb, findDeb('kexec-file-kexec-tools', 'all')], '/root/');
    await system.copyIn([buildNextVersion(deb, folder)], '/root/');
  }, SYSTEM_TEST_TIMEOUT);

  afterAll(async () => {
    await system?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is installed by apt, and needs no Node', async () => {
    await runApt(system, 'install', '/root/kexec-file_*.deb', 'shim-unsigned');
    expect(await system.succeed('command -v node || echo none')).toBe('none\n');
    expect(await system.succeed('kexec-file --version')).toMatch(
      /^\d+\.\d+\.\d+ \(executable for linux-arm64/,
    );
    expect(await system.succeed('dpkg --verify kexec-file')).toBe('');
    expect(await system.succeed(`systemctl is-enabled ${UNIT} || true`)).toBe('disabled\n');
    expect(await isLoaded(system)).toBe(false);
  });

  it('explains itself: doctor, man, help, completion', async () => {
    expect((await system.run('kexec-file doctor')).stdout).toMatch(/kexec/);
    for (const page of [
      '8 kexec-file',
      '8 kexec-file-plan',
      '8 kexec-file-reboot',
      '5 kexec-file.conf',
      '5 kexec-file-machine',
      '7 kexec-file',
    ]) {
      const [section, name] = page.split(' ') as [string, string];
      expect(await system.succeed(`MANWIDTH=80 man --warnings ${page} 2>&1 | col -bx`)).toContain(
        `${name.toUpperCase()}(${section})`,
      );
    }
    expect(await system.succeed('kexec-file help plan')).toContain('kexec-file plan');
    const completed = await system.succeed(`bash -c '
      . /usr/share/bash-completion/bash_completion
      . <(kexec-file completion bash)
      complete -p kexec-file'`);
    expect(completed).toMatch(/kexec-file$/m);
    expect((await system.run('kexec-file kdump status')).stdout).toMatch(/crash/);
  });

  it('loads nothing if no certificate is trusted, and says so in one line', async () => {
    await system.succeed('grep -o "root=[^ ]* rw console=[^ ]*" /proc/cmdline > /etc/kernel/cmdline');
    const { status, journal } = await changeUnit(system, 'start', UNIT);
    expect(status).not.toBe(0);
    expect(journal).toContainEqual(expect.stringMatching(/ENOKEY|EKEYREJECTED/));
    expect(joinLines(await system.succeed('kexec-file-reboot --dry-run'))).toMatch(
      /^would reboot through the firmware: the default kernel does not load .*(ENOKEY|EKEYREJECTED) \(/,
    );
    expect(await isLoaded(system)).toBe(false);
  });

  it('loads the default kernel as a unit', async () => {
    await system.succeed(TRUST_DEBIAN);
    const { status, journal } = await changeUnit(system, 'start', UNIT);
    expect(status, journal.join('\n')).toBe(0);
    expect(joinLines(journal.join(' '))).toMatch(/\(Linux 6\.\S+, signed by Debian/);
    expect(await isLoaded(system)).toBe(true);
  });

  it.each([
    [
      'a wrong value',
      `sed -i 's/^keyrings = .*/&\\npolicy = "sometimes"/' /etc/kexec-file.conf`,
      /kexec-file\.conf, line \d+: .*policy/,
    ],
    [
      'an unknown key',
      `sed -i 's/^keyrings = .*/keyring = "x"/' /etc/kexec-file.conf`,
      /kexec-file\.conf, line \d+: .*keyring/,
    ],
    ['no configuration', 'rm /etc/kexec-file.conf', /ENOKEY|EKEYREJECTED/],
  ])('keeps what is loaded, with %s, and says so in one line', async (_, change, line) => {
    await system.succeed(`cp -p /etc/kexec-file.conf /root/kexec-file.conf; ${change}`);
    const { status, journal } = await changeUnit(system, 'reload', UNIT);
    await system.succeed('cp -p /root/kexec-file.conf /etc/kexec-file.conf');
    expect(status).not.toBe(0);
    const lines = journal.filter((text) => line.test(text));
    expect(lines, journal.join('\n')).toHaveLength(1);
    expect(await isLoaded(system)).toBe(true);
  });

  it('keeps what is loaded, when it is started anew with a wrong value; unloads when it is stopped', async () => {
    await system.succeed('cp -p /etc/kexec-file.conf /root/kexec-file.conf');
    await system.succeed(`sed -i 's/^keyrings = .*/&\\npolicy = "sometimes"/' /etc/kexec-file.conf`);
    expect((await changeUnit(system, 'restart', UNIT)).status).not.toBe(0);
    expect(await isLoaded(system)).toBe(true);
    await system.succeed('cp -p /root/kexec-file.conf /etc/kexec-file.conf');
    expect((await changeUnit(system, 'restart', UNIT)).status).toBe(0);
    expect((await changeUnit(system, 'stop', UNIT)).status).toBe(0);
    expect(await isLoaded(system)).toBe(false);
    expect((await changeUnit(system, 'start', UNIT)).status).toBe(0);
    expect(await isLoaded(system)).toBe(true);
  });

  it('reboots by kexec if the default kernel loads; services stop before, and the journal says so', async () => {
    const previous = (await system.bootId()).replaceAll('-', '');
    const firmware = await system.succeed('kexec-file-reboot --dry-run --known-good');
    expect(firmware).toMatch(/^would reboot through the firmware: the known-good kernel cannot be set/);
    const planned = await system.succeed('kexec-file-reboot --dry-run');
    expect(joinLines(planned)).toMatch(
      /^would reboot by kexec: .* vmlinuz-\S+ \(Linux 6\.\S+, signed by .*\) loads on this machine by kexec_load: /,
    );
    await system.reboot('kexec-file-reboot');
    const way = await system.succeed(`journalctl -q -b ${previous} -o cat -t kexec-file-reboot`);
    expect(way).toMatch(/^rebooting by kexec: the default kernel loads$/m);
    expect(await system.succeed('systemctl is-system-running')).toBe('running\n');
    expect(await system.succeed('ls /proc/device-tree/chosen')).toContain('linux,booted-from-kexec');
    const boots = (await system.succeed('journalctl -q --list-boots --no-pager')).split('\n');
    expect(boots.filter((line) => /^\s*-?\d/.test(line))).toHaveLength(2);
    const stopped = await system.succeed(`journalctl -q -b ${previous} -o cat`);
    const order = ['Stopped target multi-user.target', 'Stopped ssh.service', 'Reached target kexec.target'];
    const places = order.map((text) => stopped.indexOf(text));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it('warns of a kernel that apt installs, and does not fail the installation', async () => {
    const trusted = await system.succeed('cat /etc/kexec-file.conf');
    const hook = '/etc/kernel/postinst.d/zz-kexec-file $(uname -r) /boot/vmlinuz-$(uname -r) 2>&1';
    expect(await system.succeed(hook)).toBe('');
    await system.succeed(`sed -i 's/^keyrings = .*/#&/' /etc/kexec-file.conf`);
    await keepInitramfs(system);
    const printed = await runApt(system, 'install', '--reinstall', 'linux-image-$(uname -r)');
    expect(joinLines(printed)).toMatch(/vmlinuz-\S+ would not load by kexec on this machine: ENOKEY/);
    await system.succeed(`echo 'policy = "sometimes"' >> /etc/kexec-file.conf`);
    expect(joinLines(await system.succeed(hook))).toMatch(
      /^kexec-file: the hook did nothing: EINVAL \(settings\)/,
    );
    await system.succeed('cat > /etc/kexec-file.conf', { input: trusted });
  });

  it('is upgraded: what is loaded, enabled and configured stays', async () => {
    await system.succeed(`systemctl enable --now ${UNIT}`);
    const settings = await system.succeed('cat /etc/kexec-file.conf');
    // An upgrade that is interrupted leaves the package unpacked.
    await system.succeed('dpkg --unpack --force-confold /root/next.deb 2>&1', { timeout: 120_000 });
    expect(await system.succeed('kexec-file --version')).toMatch(/^\d/);
    expect(await isLoaded(system)).toBe(true);
    await system.succeed('dpkg --configure --force-confold kexec-file 2>&1 < /dev/null');
    const installed = await system.succeed('dpkg --status kexec-file');
    expect(installed).toMatch(/^Status: install ok installed$/m);
    expect(installed).toMatch(/^Version: .*\+next$/m);
    expect(await system.succeed('cat /etc/kexec-file.conf')).toBe(settings);
    expect(await system.succeed(`systemctl is-enabled ${UNIT}`)).toBe('enabled\n');
    expect(await isLoaded(system)).toBe(true);
  });

  it('replaces kexec, with and without kexec-tools, and gives it back', async () => {
    const ours = 'readlink -f /usr/sbin/kexec; kexec --version';
    await runApt(system, 'install', '/root/kexec-file-kexec-tools_*.deb');
    const alone = await system.succeed(ours);
    expect(alone).toContain('/usr/bin/kexec-file');
    await runApt(system, 'install', 'kexec-tools');
    expect(await system.succeed(ours)).toBe(alone);
    await runApt(system, 'purge', 'kexec-file-kexec-tools');
    expect(await system.succeed('dpkg --verify kexec-tools; readlink -f /usr/sbin/kexec')).toBe(
      '/usr/sbin/kexec\n',
    );
    await runApt(system, 'install', '/root/kexec-file-kexec-tools_*.deb');
    await runApt(system, 'purge', 'kexec-tools');
    expect(await system.succeed(ours)).toBe(alone);
  });

  it('is removed, and purged without a trace', async () => {
    await runApt(system, 'remove', 'kexec-file', 'kexec-file-kexec-tools');
    expect(await isLoaded(system)).toBe(false);
    expect(await system.succeed('cat /etc/kexec-file.conf')).toContain('debian-uefi-ca.der');
    await runApt(system, 'purge', 'kexec-file', 'kexec-file-kexec-tools', 'shim-unsigned');
    await runApt(system, 'autoremove', '--purge');
    await system.succeed('rm /etc/kernel/cmdline');
    expect(await listTraces(system)).toEqual(before);
  });
});
