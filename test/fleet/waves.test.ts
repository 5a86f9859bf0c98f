import { copyFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSystemImage } from '../system/image.js';
import { findDeb } from '../system/packages.js';
import {
  type DebianSystem,
  runSystem,
  SYSTEM_TEST_TIMEOUT,
  type SystemOptions,
} from '../system/run-system.js';
import { Controller } from './controller.js';
import { HOST_VARIABLES, listFiles, PATIENCE, PLAY_TIMEOUT, prepareHost } from './host.js';

/** With the kernel, more than half of the RAM of the smallest host. The kernel ignores zeros after an initrd. */
const INITRD_SIZE = 224 * 1024 * 1024;

/** The kernel finds neither an init nor a root file system, and panics. */
const PANICS = ['rdinit=/nothing', 'root=/dev/nothing'];

type HostName = 'tree' | 'acpi' | 'small';

/** Each test continues where the one before it ended. */
describe('waves over three Debian systems', { timeout: PLAY_TIMEOUT }, () => {
  let hosts: Record<HostName, DebianSystem>;
  let controller: Controller;

  beforeAll(async () => {
    const [tree, acpi, small] = await Promise.all([
      runHost({ name: 'fleet-tree' }),
      runHost({ name: 'fleet-acpi', firmware: 'uefi' }),
      runHost({ name: 'fleet-small', memory: '512M' }),
    ]);
    hosts = { tree, acpi, small };
    controller = new Controller('waves');
    const initrd = join(controller.folder, 'initrd');
    copyFileSync(findSystemImage().initrd, initrd);
    truncateSync(initrd, INITRD_SIZE);
    setHosts(PANICS);
  }, 2 * SYSTEM_TEST_TIMEOUT);

  afterAll(async () => {
    await Promise.all(Object.values(hosts ?? {}).map((system) => system.stop()));
    controller?.remove();
  });

  /** The canary is the host with a device tree; then follows the one with ACPI, then the smallest. */
  function setHosts(append: readonly string[]): void {
    controller.setHosts(
      {
        tree: { system: hosts.tree },
        acpi: {
          system: hosts.acpi,
          variables: { kexec_file_append: [...HOST_VARIABLES.kexec_file_append, ...append] },
        },
        small: { system: hosts.small, variables: { kexec_file_refused: 'firmware' } },
      },
      {
        ...HOST_VARIABLES,
        kexec_file_preflight_kernel: findSystemImage().kernel,
        kexec_file_preflight_initrd: join(controller.folder, 'initrd'),
        kexec_file_debs: { aarch64: findDeb('kexec-file', 'arm64') },
        kexec_file_waves: [1, 1, 1],
      },
    );
  }

  it('changes nothing in check mode, and shows the plan', async () => {
    const files = await onEach(hosts, listFiles);
    const boots = await onEach(hosts, readBootId);
    const { status, output } = await controller.run('kexec_file.fleet.roll_out', '--check', '--diff');
    expect(status, output).toBe(0);
    for (const name of Object.keys(hosts)) expect(output).toContain(`${name} would be recorded`);
    expect(output.match(/-started by: firmware\n(.*\n)*?\+started by: kexec/g)).toHaveLength(3);
    expect(await onEach(hosts, listFiles)).toEqual(files);
    expect(await onEach(hosts, readBootId)).toEqual(boots);
  });

  it('stops at the host whose kernel panics, which firmware brings back', async () => {
    const boots = await onEach(hosts, readBootId);
    const { status, output } = await controller.run('kexec_file.fleet.roll_out');
    const text = output.replaceAll(/\s+/g, ' ');
    expect(status, output).not.toBe(0);
    expect(text).toMatch(/small would refuse it: E\w+ \(segment-(hole|total)\).*Choice: firmware/);
    expect(controller.report('tree'), output).toMatchObject({ started_by: 'kexec', problems: [] });
    expect(controller.report('acpi'), output).toMatchObject({
      started_by: 'firmware',
      problems: expect.arrayContaining([expect.objectContaining({ check: 'way' })]),
    });
    expect(text).toMatch(/The console ends:.*Kernel panic/);
    expect(controller.report('small')).toBeUndefined();
    const now = await onEach(hosts, readBootId);
    expect(now.tree).not.toBe(boots.tree);
    expect(now.acpi).not.toBe(boots.acpi);
    expect(now.small).toBe(boots.small);
    expect(await hosts.tree.succeed('cat /proc/cmdline')).toMatch(/ kexec_file\.test=1\n$/);
    expect(await hosts.tree.run('cat /run/kexec-file-fleet.lock')).toMatchObject({ status: 1 });
  });

  it('continues with a kernel that starts, and by firmware where it would be refused', async () => {
    setHosts([]);
    const boots = await onEach(hosts, readBootId);
    const { status, output } = await controller.run('kexec_file.fleet.roll_out', '--limit', 'acpi,small');
    expect(status, output).toBe(0);
    expect(controller.report('acpi')).toMatchObject({ started_by: 'kexec', problems: [] });
    expect(controller.report('small')).toMatchObject({
      wanted: 'firmware',
      started_by: 'firmware',
      problems: [],
    });
    const now = await onEach(hosts, readBootId);
    expect(now.tree).toBe(boots.tree);
    expect(now.acpi).not.toBe(boots.acpi);
    expect(now.small).not.toBe(boots.small);
  });
});

async function runHost(options: SystemOptions): Promise<DebianSystem> {
  const system = await runSystem({ ...options, cpus: 1, commandLine: PATIENCE });
  await prepareHost(system);
  await system.succeed(`
    cp --remove-destination /boot/initrd.img-$(uname -r) /initrd-next
    truncate -s ${INITRD_SIZE} /initrd-next
    sync`);
  return system;
}

function readBootId(system: DebianSystem): Promise<string> {
  return system.bootId();
}

/** Asks every host at once. @returns the answer of each */
async function onEach<T>(
  hosts: Record<HostName, DebianSystem>,
  ask: (system: DebianSystem) => Promise<T>,
): Promise<Record<HostName, T>> {
  const entries = Object.entries(hosts).map(async ([name, system]) => [name, await ask(system)]);
  return Object.fromEntries(await Promise.all(entries)) as Record<HostName, T>;
}
