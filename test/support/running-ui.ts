/** The command `ui`, while it runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished, vi } from 'vitest';

export interface RunningUi {
  readonly process: ChildProcess;
  readonly url: string;
}

/** Starts the built command, which runs until the test ends. @param path - the variable PATH */
export async function startUi(args: readonly string[], path = process.env.PATH): Promise<RunningUi> {
  const ui = spawn(process.execPath, ['bin/kexec-file.js', 'ui', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: path },
  });
  onTestFinished(() => {
    ui.kill('SIGKILL');
  });
  let printed = '';
  ui.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await vi.waitUntil(() => printed.endsWith('\n'), { timeout: 60_000 });
  return { process: ui, url: printed.trim() };
}
