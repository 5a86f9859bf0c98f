/** The Debian packages, and what lintian finds in them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { runProgram } from '../support/programs.js';

export const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** What `npm run deb` builds. */
export const PATHS = {
  amd64: `build/deb/kexec-file_${version}_amd64.deb`,
  arm64: `build/deb/kexec-file_${version}_arm64.deb`,
  kexecTools: `build/deb/kexec-file-kexec-tools_${version}_all.deb`,
  makedumpfile: `build/deb/kexec-file-makedumpfile_${version}_all.deb`,
};

/** The executables take a minute and a half to compress, on two cores that have nothing else to do. */
export const BUILD_TIMEOUT = 20 * 60_000;

/** Builds the packages, unless nothing changed. */
export function buildDebs(): void {
  runProgram('npm', ['run', '--silent', 'deb']);
}

/** Expects that lintian finds nothing in a package that is not explained. */
export function expectLintianContent(path: string): void {
  const args = ['--allow-root', '--fail-on', 'error,warning', '--tag-display-limit', '0', path];
  const { status, stdout, error } = spawnSync('lintian', args, { encoding: 'utf8' });
  expect({ status, stdout, error }).toEqual({ status: 0, stdout: '', error: undefined });
}
