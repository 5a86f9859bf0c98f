/** Waves to their end, over the hosts that a stopped wave leaves: waves.test.ts has the start. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DebianSystem, SYSTEM_TEST_TIMEOUT } from '../system/run-system.js';
import { Controller } from './controller.js';
import { PLAY_TIMEOUT } from './host.js';
import { onEach, readBootId, runHosts, setWaves } from './wave-hosts.js';

let hosts: Record<'acpi' | 'small', DebianSystem>;
let controller: Controller;

beforeAll(async () => {
  hosts = await runHosts(['acpi', 'small']);
  controller = new Controller('last-waves');
  setWaves(controller, hosts, []);
}, 2 * SYSTEM_TEST_TIMEOUT);

afterAll(async () => {
  await Promise.all(Object.values(hosts ?? {}).map((system) => system.stop()));
  controller?.remove();
});

it('waves start a kernel by kexec, and by firmware where it would be refused', {
  timeout: PLAY_TIMEOUT,
}, async () => {
  const boots = await onEach(hosts, readBootId);
  const { status, output } = await controller.run('kexec_file.fleet.roll_out');
  expect(status, output).toBe(0);
  expect(controller.report('acpi')).toMatchObject({ started_by: 'kexec', problems: [] });
  expect(controller.report('small')).toMatchObject({
    wanted: 'firmware',
    started_by: 'firmware',
    problems: [],
  });
  const now = await onEach(hosts, readBootId);
  expect(now.acpi).not.toBe(boots.acpi);
  expect(now.small).not.toBe(boots.small);
});
