import { spawn } from 'node:child_process';
import { buildSync } from 'esbuild';
import { expect, it, vi } from 'vitest';
import { childrenOf, isRunning } from './processes.js';
import { runQemu } from './qemu.js';

/** A machine that waits for ever. */
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
  const { outputFiles } = buildSync({
    stdin: {
      contents: `import { runQemu } from './qemu.js'; runQemu(${JSON.stringify(WAITING)}, 1000000);`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  const runner = spawn(process.execPath, ['--input-type=module', '--eval', outputFiles[0]?.text ?? ''], {
    stdio: 'ignore',
  });
  const pid = await vi.waitUntil(() => qemuOf(runner.pid), { timeout: 60_000 });
  runner.kill('SIGKILL');
  await vi.waitUntil(() => !isRunning(pid), { timeout: 60_000 });
});
