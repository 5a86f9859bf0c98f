import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseReports } from './json-reports.js';

export interface CliRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The exit code of wrong usage, which alone prints no report. */
const USAGE = 2;

/**
 * Runs the built command. `npm test` builds it first. What `--json` prints is held against the package's schemas,
 * whatever the test asks.
 */
export function runCli(...args: readonly string[]): CliRun {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, ['bin/kexec-file.js', ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  if (args.includes('--json') && status !== USAGE) parseReports(stdout);
  return { status, stdout, stderr };
}

/** A printed text as one line: where its lines break depends on the width of the terminal. */
export function joinLines(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

/** A folder that is removed at the end of the test. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
