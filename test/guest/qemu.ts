import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** How QEMU ended, and the output of the first serial port. */
export interface QemuRun {
  readonly console: string;
  /** QEMU's own messages. */
  readonly errors: string;
  /** Whether it was stopped at its time limit. */
  readonly timedOut: boolean;
}

/**
 * Starts QEMU without default devices; the first serial port is its standard output.
 *
 * However this process ends, QEMU ends with it: setpriv(1) has the kernel see to that (PR_SET_PDEATHSIG).
 */
export function startQemu(
  args: readonly string[],
  program = 'qemu-system-aarch64',
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', program],
      ...['-nodefaults', '-display', 'none', '-serial', 'stdio', ...args],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
}

/**
 * Runs QEMU until the guest powers off, resets, or time is up.
 *
 * @param timeout - in milliseconds
 * @param program - QEMU's, that for arm64 if left out
 * @throws Error if QEMU cannot be run, or refuses its options
 */
export function runQemu(args: readonly string[], timeout: number, program?: string): Promise<QemuRun> {
  const qemu = startQemu(['-no-reboot', ...args], program);
  const seen = { console: '', errors: '', timedOut: false };
  qemu.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen.console += text;
  });
  qemu.stderr.setEncoding('utf8').on('data', (text: string) => {
    seen.errors += text;
  });
  const timer = setTimeout(() => {
    seen.timedOut = true;
    qemu.kill('SIGKILL');
  }, timeout);

  return new Promise<QemuRun>((resolve, reject) => {
    qemu.on('error', (cause) => reject(new Error('setpriv (util-linux) cannot be run', { cause })));
    qemu.on('close', (status, signal) => {
      if (seen.timedOut || status === 0) resolve(seen);
      else reject(new Error(`QEMU ended with ${signal ?? status}: ${seen.errors}\n${seen.console}`));
    });
  }).finally(() => clearTimeout(timer));
}
