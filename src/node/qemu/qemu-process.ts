import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { KexecError } from '../../base/error.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import { beforeEnd, onSignal } from '../process/ending.js';
import { buildQemuArguments, refusedByQemu, toQemuError } from './qemu-arguments.js';
import type { QemuPlatform } from './qemu-platform.js';
import { findQemuPlatform } from './qemu-platforms.js';
import { listenForQemu, type Qmp } from './qmp.js';

/** How a guest ended: it powered off, it requested a reset, or a signal stopped it. */
export type BootEnd =
  | { readonly poweredOff: true }
  | { readonly poweredOff: false; readonly reset: true }
  | { readonly poweredOff: false; readonly signal: NodeJS.Signals };

export interface GuestOptions {
  /** QEMU's options for what the guest runs, and for its devices. */
  readonly arguments: readonly string[];
  /** A folder for QEMU's sockets. */
  readonly folder: string;
  /** The time limit in seconds; none if left out. */
  readonly timeout?: number | undefined;
  /**
   * Called with the text that the guest writes to its serial console; {@link Guest.write} writes to it. If left out,
   * the console is on this process's standard input and output.
   */
  readonly onConsole?: ((text: string) => void) | undefined;
}

/** A guest in QEMU. */
export interface Guest {
  /** Writes to the serial console, unless that is the terminal. */
  write(text: string): void;
  stop(): void;
  /**
   * How the guest ended; QEMU has ended then, too.
   *
   * @throws KexecError check `qemu-run`: `ETIMEDOUT` at the time limit, `ENOENT` if QEMU is not installed, `EINVAL` if
   *   it refuses its options.
   */
  readonly end: Promise<BootEnd>;
}

/** How long QEMU may take to end after SIGTERM, before SIGKILL. */
const GRACE_MILLISECONDS = 2000;

/** setpriv(1) of util-linux, and its exit code if there is no program to run. */
const SETPRIV = '/usr/bin/setpriv';
const NO_PROGRAM = 127;

/**
 * Finds a program that has the kernel end QEMU with this process, also if that is killed (PR_SET_PDEATHSIG). The
 * setpriv of busybox, a link to it, cannot do that.
 *
 * @returns the program and its options; nothing if there is none
 */
function findGuard(): readonly string[] {
  const isThere = existsSync(SETPRIV) && basename(realpathSync(SETPRIV)) === basename(SETPRIV);
  return isThere ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : [];
}

/**
 * Starts QEMU as that machine. A signal that asks this process to end stops QEMU first; QEMU also ends with this
 * process otherwise.
 */
export async function startGuest(qemu: QemuOptions, options: GuestOptions): Promise<Guest> {
  const { onConsole, folder } = options;
  const platform = findQemuPlatform(qemu);
  const qmp = await listenForQemu(join(folder, 'qmp'));
  const channel = onConsole === undefined ? 'inherit' : 'pipe';
  const [program = platform.program, ...args] = [
    ...findGuard(),
    platform.program,
    ...platform.accelerator,
    ...buildQemuArguments(qemu),
    ...['-monitor', 'none', '-no-reboot', ...qmp.arguments],
    // signal=on: Ctrl-C on the terminal stops QEMU rather than reaching the guest.
    ...['-chardev', 'stdio,id=console,signal=on', '-serial', 'chardev:console'],
    ...options.arguments,
  ];
  const child = spawn(program, args, { stdio: [channel, channel, 'pipe'] });
  if (onConsole !== undefined) child.stdout?.setEncoding('utf8').on('data', onConsole);
  // Writing to a guest that has ended fails; its end reports that.
  child.stdin?.on('error', () => {});
  return { write: (text) => child.stdin?.write(text), ...runToEnd(child, platform, qmp, options) };
}

function runToEnd(
  child: ChildProcess,
  platform: QemuPlatform,
  qmp: Qmp,
  { timeout }: GuestOptions,
): Pick<Guest, 'stop' | 'end'> {
  let errors = '';
  let stoppedBy: NodeJS.Signals | 'timeout' | undefined;
  const timers: NodeJS.Timeout[] = [];
  const stop = (reason: NodeJS.Signals | 'timeout'): void => {
    stoppedBy ??= reason;
    // On SIGTERM, QEMU restores the terminal before it ends.
    child.kill('SIGTERM');
    timers.push(setTimeout(() => child.kill('SIGKILL'), GRACE_MILLISECONDS));
  };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  if (timeout !== undefined) timers.push(setTimeout(() => stop('timeout'), timeout * 1000));
  const forgetStop = onSignal(stop);
  const forgetKill = beforeEnd(() => child.kill('SIGKILL'));

  const end = new Promise<BootEnd>((resolve, reject) => {
    child.on('error', (cause) => reject(toQemuError(platform, cause)));
    child.on('close', (code, signal) => {
      if (stoppedBy === 'timeout') {
        const seen = `the guest was still running after ${timeout} seconds, and was stopped`;
        const cure = 'give the guest more time with --timeout; its console shows how far it got';
        reject(new KexecError('qemu-run', 'ETIMEDOUT', seen, { cure }));
      } else if (stoppedBy !== undefined || signal !== null) {
        resolve({ poweredOff: false, signal: stoppedBy ?? signal ?? 'SIGKILL' });
      } else if (code === NO_PROGRAM) {
        reject(toQemuError(platform, Object.assign(new Error(errors.trim()), { code: 'ENOENT' })));
      } else if (code !== 0) {
        reject(refusedByQemu(platform, `QEMU ended with exit code ${code}: ${errors.trim()}`));
      } else {
        const isReset = qmp.reason() === 'guest-reset';
        resolve(isReset ? { poweredOff: false, reset: true } : { poweredOff: true });
      }
    });
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer);
    forgetStop();
    forgetKill();
    qmp.close();
  });
  return { stop: () => stop('SIGTERM'), end };
}
