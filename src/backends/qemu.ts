import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KexecError } from '../base/error.js';
import { QEMU, qemuArguments, qemuError } from '../collect/qemu.js';
import type { Kimage } from '../kimage/kimage.js';
import type { QemuOptions } from '../machine/machine.js';
import { writeElfFile } from './elf-file.js';
import { listenForQemu, type Qmp } from './qmp.js';

export interface BootOptions {
  /** The end of patience, in seconds; none if left out. */
  readonly timeout?: number | undefined;
  /** Gets what the guest writes to its serial console; if left out, that goes to standard output. */
  readonly onConsole?: ((text: string) => void) | undefined;
}

/** How a guest ended: it powered off, it asked for a reset, or somebody stopped it by a signal. */
export type BootEnd =
  | { readonly poweredOff: true }
  | { readonly poweredOff: false; readonly reset: true }
  | { readonly poweredOff: false; readonly signal: NodeJS.Signals };

/** How long QEMU may take to end when it is asked to, before it is made to. */
const GRACE_MILLISECONDS = 2000;

/** Signals that stop the guest with us. */
const STOPPING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Boots a kimage in QEMU: the very segments, placed by QEMU's loader, the first CPU started at the entry, the serial
 * console on the terminal. When it returns or throws, QEMU has ended and its files are gone.
 *
 * @throws KexecError check `qemu-run`: `ETIMEDOUT` when patience ends, `ENOENT` if QEMU is not installed, `EINVAL` if it
 * refuses its options.
 */
export async function bootInQemu(
  kimage: Kimage,
  qemu: QemuOptions,
  options: BootOptions = {},
): Promise<BootEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'kexec-file-'));
  try {
    const image = join(folder, 'kimage.elf');
    await writeElfFile(kimage, image, []);
    const qmp = await listenForQemu(join(folder, 'qmp'));
    try {
      return await runToEnd(start(image, qemu, qmp, options), qmp, options);
    } finally {
      qmp.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(image: string, qemu: QemuOptions, qmp: Qmp, { onConsole }: BootOptions): ChildProcess {
  const child = spawn(
    QEMU,
    [
      ...qemuArguments(qemu),
      ...['-monitor', 'none', '-no-reboot', ...qmp.arguments],
      // signal=on: Ctrl-C on the terminal stops QEMU rather than reaching the guest.
      ...['-chardev', 'stdio,id=console,signal=on', '-serial', 'chardev:console'],
      ...['-device', `loader,file=${image.replaceAll(',', ',,')},cpu-num=0`],
    ],
    { stdio: ['inherit', onConsole === undefined ? 'inherit' : 'pipe', 'pipe'] },
  );
  if (onConsole !== undefined) child.stdout?.setEncoding('utf8').on('data', onConsole);
  return child;
}

function runToEnd(child: ChildProcess, qmp: Qmp, { timeout }: BootOptions): Promise<BootEnd> {
  let complaint = '';
  let stoppedBy: NodeJS.Signals | 'timeout' | undefined;
  const timers: NodeJS.Timeout[] = [];
  const stop = (reason: NodeJS.Signals | 'timeout'): void => {
    stoppedBy ??= reason;
    // On SIGTERM, QEMU gives the terminal back as it was before it goes.
    child.kill('SIGTERM');
    timers.push(setTimeout(() => child.kill('SIGKILL'), GRACE_MILLISECONDS));
  };
  const killAtExit = (): void => {
    child.kill('SIGKILL');
  };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  if (timeout !== undefined) timers.push(setTimeout(() => stop('timeout'), timeout * 1000));
  for (const signal of STOPPING) process.on(signal, stop);
  process.on('exit', killAtExit);

  return new Promise<BootEnd>((resolve, reject) => {
    child.on('error', (cause) => reject(qemuError(cause)));
    child.on('close', (code, signal) => {
      if (stoppedBy === 'timeout') {
        const seen = `the guest was still running after ${timeout} seconds, and was stopped`;
        reject(new KexecError({ check: 'qemu-run', errno: 'ETIMEDOUT', seen }));
      } else if (stoppedBy !== undefined || signal !== null) {
        resolve({ poweredOff: false, signal: stoppedBy ?? signal ?? 'SIGKILL' });
      } else if (code !== 0) {
        const seen = `QEMU ended with exit code ${code}: ${complaint.trim()}`;
        reject(new KexecError({ check: 'qemu-run', errno: 'EINVAL', seen }));
      } else {
        const isReset = qmp.reason() === 'guest-reset';
        resolve(isReset ? { poweredOff: false, reset: true } : { poweredOff: true });
      }
    });
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer);
    for (const signal of STOPPING) process.off(signal, stop);
    process.off('exit', killAtExit);
  });
}
