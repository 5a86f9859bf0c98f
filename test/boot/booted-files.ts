/** Boots kernel files of every form. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { buildDemoInitrd } from '../../scripts/demo/initrd.mjs';
import { buildCpio } from '../../src/formats/cpio.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';

/** The time limit of an emulated boot of Debian's kernel, in seconds; it takes 3 to 10. */
const PATIENCE = 120;
/** The time limit of a test that boots it. */
export const GREETING_TIMEOUT = (PATIENCE + 10) * 1000;
const GREETING = 'Hello from the second kernel';
export const COMMAND_LINE = 'console=ttyAMA0 quiet retain_initrd greeting=hello';
/** Options for a file without a command line. */
export const WITH_COMMAND_LINE = ['--command-line', COMMAND_LINE];

/** Boots a file with options; without an initrd, the file contains one. @returns the console */
export function boot(contents: Uint8Array, options: readonly string[], initrd?: Uint8Array): string {
  const folder = makeTemporaryFolder();
  const [path, initrdPath] = [join(folder, 'kernel'), join(folder, 'initrd')];
  writeFileSync(path, contents);
  if (initrd !== undefined) writeFileSync(initrdPath, initrd);
  const withInitrd = initrd === undefined ? [] : ['--initrd', initrdPath];
  const { status, stdout, stderr } = runCli('boot', path, ...withInitrd, ...options);
  expect(stderr).not.toContain('refused');
  expect(status).toBe(0);
  return stdout;
}

/** Debian's kernel. */
export const readKernel = (): Uint8Array => new Uint8Array(readFileSync(corpus.cloudKernel()));

/** An initrd that greets. */
export const buildGreeter = (): Uint8Array => buildDemoInitrd(corpus.busybox(), buildCpio);

/** Expects that Debian's kernel in a file reaches the greeting of its initrd. */
export function expectGreeting(
  contents: Uint8Array,
  options: readonly string[] = [],
  given?: Uint8Array,
): void {
  const stdout = boot(contents, ['--timeout', String(PATIENCE), ...options], given);
  expect(stdout).toContain(`command line: ${COMMAND_LINE}\r\n`);
  expect(stdout).toContain(GREETING);
}
