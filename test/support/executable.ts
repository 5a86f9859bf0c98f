import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CliRun } from './cli.js';

const ROOT = new URL('../../', import.meta.url);

/**
 * The executable for a CPU, which `npm test` builds.
 *
 * @param cpu - as Node names it
 * @throws Error if it is missing or older than dist: its tests would report nothing about this checkout
 */
export function findExecutable(cpu: string): string {
  const path = fileURLToPath(new URL(`build/executable/kexec-file-linux-${cpu}`, ROOT));
  const built = statSync(new URL('dist/index.js', ROOT)).mtimeMs;
  if (existsSync(path) && statSync(path).mtimeMs >= built) return path;
  throw new Error(`${path} is missing or older than dist: run node scripts/setup.mjs --for test`);
}

/** Runs the executable for this machine. */
export function runExecutable(...args: readonly string[]): CliRun {
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const { status, stdout, stderr, error } = spawnSync(findExecutable(process.arch), args, options);
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}
