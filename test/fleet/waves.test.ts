import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DebianSystem, SYSTEM_TEST_TIMEOUT } from '../system/run-system.js';
import { Controller } from './controller.js';
import { listFiles, PLAY_TIMEOUT } from './host.js';
import { type HostName, onEach, readBootId, runHosts, setWaves } from './wave-hosts.js';

/** The kernel finds neither an init nor a root file system, and panics. */
const PANICS = ['rdinit=/nothing', 'root=/dev/nothing'];

/** Each test continues where the one before it ended. */
describe('waves over three Debian systems', { timeout: PLAY_TIMEOUT }, () => {
  let hosts: Record<HostName, DebianSystem>;
  let controller: Controller;

  beforeAll(async () => {
    hosts = await runHosts(['tree', 'acpi', 'small']);
    controller = new Controller('waves');
    setWaves(controller, hosts, PANICS);
  }, 2 * SYSTEM_TEST_TIMEOUT);

  afterAll(async () => {
    await Promise.all(Object.values(hosts ?? {}).map((system) => system.stop()));
    controller?.remove();
  });

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
});
