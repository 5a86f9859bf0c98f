/** What tests of `inspect` share. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';

/** The path of a new file with these bytes. */

export function writeTemporaryFile(bytes: Uint8Array | string): string {
  const path = join(makeTemporaryFolder(), 'file');
  writeFileSync(path, bytes);
  return path;
}

export function inspectJson(path: string): Record<string, unknown> {
  const { status, stdout, stderr } = runCli('inspect', path, '--json');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}
