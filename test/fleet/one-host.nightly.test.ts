import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSystemImage } from '../system/image.js';
import { findDeb } from '../system/packages.js';
import { type DebianSystem, runSystem, SYSTEM_TEST_TIMEOUT } from '../system/run-system.js';
import { Controller } from './controller.js';
import { expectFailure } from './expect-run.js';
import { HOST_VARIABLES, listFiles, PATIENCE, PLAY_TIMEOUT, prepareHost } from './host.js';

/** Each test continues where the one before it ended. */
describe('the collection, with one Debian system', { timeout: PLAY_TIMEOUT }, () => {
  let system: DebianSystem;
  let controller: Controller;

  beforeAll(async () => {
    system = await runSystem({ name: 'fleet-one', commandLine: PATIENCE });
    await prepareHost(system);
    controller = new Controller('one');
    setHost({});
  }, SYSTEM_TEST_TIMEOUT);

  afterAll(async () => {
    await system?.stop();
    controller?.remove();
  });

  function setHost(variables: object): void {
    const { kernel } = findSystemImage();
    controller.setHosts(
      { one: { system, variables } },
      {
        ...HOST_VARIABLES,
        kexec_file_preflight_kernel: kernel,
        kexec_file_debs: { aarch64: findDeb('kexec-file', 'arm64') },
      },
    );
  }

  it('changes nothing in check mode, and shows the plan', async () => {
    const files = await listFiles(system);
    const boot = await system.bootId();
    const run = await controller.run('kexec_file.fleet.roll_out', '--check', '--diff');
    expect(run.status, run.output).toBe(0);
    expect(run.output).toContain('one would be recorded');
    expect(run.output).toMatch(/-started by: firmware\n(.*\n)*\+started by: kexec/);
    expect(await listFiles(system)).toEqual(files);
    expect(await system.bootId()).toBe(boot);
  });

  it('records, foresees, installs, reboots by kexec, and verifies', async () => {
    const before = await system.bootId();
    const run = await controller.run('kexec_file.fleet.roll_out');
    expect(run.status, run.output).toBe(0);
    expect(controller.report('one')).toMatchObject({ started_by: 'kexec', problems: [] });
    expect(await system.bootId()).not.toBe(before);
    expect(await system.succeed('cat /proc/cmdline')).toMatch(/ kexec_file\.test=1\n$/);
    expect(await system.succeed('ls /proc/device-tree/chosen')).toContain('linux,booted-from-kexec');
    expect(await system.run('cat /run/kexec-file-fleet.lock')).toMatchObject({ status: 1 });
  });

  it('refuses a machine file of another boot', async () => {
    expectFailure(await controller.runRoles(['preflight']), /describes machine [0-9a-f]+ in boot/);
  });

  it('keeps the machine file if the collector is cut short', async () => {
    await controller.runRoles(['record']);
    const file = join(controller.fleet, 'machines/one.json');
    const recorded = readFileSync(file, 'utf8');
    await system.succeed('mv /usr/bin/tar /usr/bin/tar.away');
    const run = await controller.runRoles(['record'], '-e', '{"kexec_file_record_always": true}');
    await system.succeed('mv /usr/bin/tar.away /usr/bin/tar');
    expectFailure(run, /Run the collector/);
    expect(readFileSync(file, 'utf8')).toBe(recorded);
  });

  it('records nothing without room on the controller', async () => {
    const run = await controller.runRoles(['record'], '-e', '{"kexec_file_record_room": 1000000000000000}');
    expectFailure(run, /bytes left, less than kexec_file_record_room/);
  });

  it('refuses a host that another run works on, and one where a kernel is loaded', async () => {
    const boot = await system.bootId();
    await system.succeed('echo somebody > /run/kexec-file-fleet.lock');
    expectFailure(await controller.runRoles(['reboot']), /Another run works on this host: somebody/);
    await system.succeed('rm /run/kexec-file-fleet.lock');
    await system.succeed(
      'kexec-file load /boot/vmlinuz-$(uname -r) --initrd /boot/initrd.img-$(uname -r) --reuse-cmdline --keyring /root/shim.efi',
    );
    expectFailure(await controller.runRoles(['reboot']), /A kernel is loaded on this host already/);
    await system.succeed('kexec-file unload');
    expect(await system.bootId()).toBe(boot);
  });

  it('reboots nothing if the load is refused', async () => {
    const boot = await system.bootId();
    const run = await controller.runRoles(['reboot'], '-e', '{"kexec_file_keyrings": []}');
    expectFailure(run, /The load was refused: ENOKEY/);
    expect(run.output).toContain('The host still runs what it ran');
    expect(await system.bootId()).toBe(boot);
    expect(await system.succeed('cat /sys/kernel/kexec_loaded')).toBe('0\n');
  });
});
