import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** The built command while it runs. */
export interface RunningCli {
  readonly child: ChildProcess;
  /** Waits until something is so. @throws Error if the command ends before */
  waitUntil(isSo: () => boolean): Promise<void>;
  /** What it printed on standard error so far. */
  stderr(): string;
  /** The signal or the exit code that it ends with. */
  readonly end: Promise<NodeJS.Signals | number | null>;
}

/**
 * Starts the built command, without standard input, and without a reader of standard output.
 *
 * @param program - a link to the command, by whose name it is called
 */
export function startCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  program = 'bin/kexec-file.js',
): RunningCli {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const end = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.on('close', (status, signal) => resolve(signal ?? status));
  });
  return {
    child,
    end,
    stderr: () => stderr,
    async waitUntil(isSo) {
      while (!isSo()) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended: ${stderr}`);
        await setTimeout(5);
      }
    },
  };
}

/** Whether a process of QEMU runs whose command line has this text. */
export function isQemuRunning(text: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      const commandLine = readCommandLine(pid);
      return commandLine.startsWith('qemu-system-') && commandLine.includes(text);
    });
}

/** A process may end while it is looked at. */
function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
