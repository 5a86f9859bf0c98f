import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CliRun, makeTemporaryFolder } from './cli.js';

/** The output of a program, byte for byte. */
export interface BinaryRun extends Omit<CliRun, 'stdout'> {
  readonly stdout: Buffer;
}

/** Makes a link to the built command with the name of another program. @returns its path */
export function linkAs(name: string): string {
  const link = join(makeTemporaryFolder(), name);
  symlinkSync(resolve('bin/kexec-file.js'), link);
  return link;
}

/** Runs the built command by a link with the name of another program. */
export function runAs(name: string, args: readonly string[], input?: Uint8Array): BinaryRun {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [linkAs(name), ...args], {
    env: { ...process.env, COLUMNS: '80' },
    ...(input === undefined ? {} : { input }),
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr: stderr.toString() };
}
