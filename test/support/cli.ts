import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { parseReports } from './json-reports.js';

/** Vitest cannot end a test that waits for a program: this ends one that hangs. In milliseconds. */
const TIME_LIMIT = 600_000;

export interface CliRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Required, not imported: to start Node's loader of ESM takes a fifth of the time of a command. */
const ELSEWHERE = fileURLToPath(new URL('elsewhere.cjs', import.meta.url));

/** Node's options and the command, for arguments: without --machine, tests get a preset, wherever they run. */
export function listCommandWords(args: readonly string[]): string[] {
  const plans = args.some((word) => ['plan', 'explain'].includes(word)) && !args.includes('--machine');
  return [...(plans ? ['--require', ELSEWHERE] : []), 'bin/kexec-file.js', ...args];
}

/** The exit code of wrong usage, which alone prints no report. */
const USAGE = 2;

/**
 * Runs the built command. `npm test` builds it first. Without --machine, plan and explain take a preset. What `--json` prints is held against the package's schemas,
 * whatever the test asks.
 */
export function runCli(...args: readonly string[]): CliRun {
  return run(args, 'pipe');
}

/** Runs the built command with bytes on standard input, through a pipe. */
export function runCliOn(input: Uint8Array, ...args: readonly string[]): CliRun {
  return run(args, 'pipe', input);
}

/** Runs the built command with a file redirected to standard input. */
export function runCliFrom(path: string, ...args: readonly string[]): CliRun {
  const file = openSync(path, 'r');
  try {
    return run(args, file);
  } finally {
    closeSync(file);
  }
}

function run(args: readonly string[], stdin: 'pipe' | number, input?: Uint8Array): CliRun {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, listCommandWords(args), {
    encoding: 'utf8',
    stdio: [stdin, 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
    maxBuffer: 1 << 28,
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
  });
  if (error !== undefined) throw error;
  if (args.includes('--json') && status !== USAGE) parseReports(stdout);
  return { status, stdout, stderr };
}

/** A printed text as one line: where its lines break depends on the width of the terminal. */
export function joinLines(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** A folder that is removed at the end of the test. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
