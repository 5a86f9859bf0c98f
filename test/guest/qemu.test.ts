import { spawn } from 'node:child_process';
import { expect, it, vi } from 'vitest';
import { bundleForNode } from '../support/bundle.js';
import { childrenOf, isRunning } from './processes.js';
import { runQemu } from './qemu.js';

/** A machine that never ends. */
const WAITING = ['-M', 'virt', '-S'];

function qemuOf(pid: number | undefined): number | undefined {
  return childrenOf(pid ?? 0).find(({ program }) => program === 'qemu-system-aarch64')?.pid;
}

it('QEMU has ended when time is up', async () => {
  const running = runQemu(WAITING, 2000);
  const pid = await vi.waitUntil(() => qemuOf(process.pid), { timeout: 60_000 });
  await expect(running).resolves.toEqual({ console: '', errors: '', timedOut: true });
  expect(isRunning(pid)).toBe(false);
});

it('QEMU ends with the process that runs it, even if that is killed', async () => {
  const runQemuHere = await bundleForNode(new URL('qemu.ts', import.meta.url));
  const program = `${runQemuHere}\nrunQemu(${JSON.stringify(WAITING)}, 1000000);`;
  const runner = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' });
  const pid = await vi.waitUntil(() => qemuOf(runner.pid), { timeout: 60_000 });
  runner.kill('SIGKILL');
  await vi.waitUntil(() => !isRunning(pid), { timeout: 60_000 });
});
