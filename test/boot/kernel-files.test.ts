import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildDemoInitrd } from '../../scripts/demo/initrd.mjs';
import { buildCpio } from '../../src/formats/cpio.js';
import { runCli, temporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { buildUki, buildZboot, compress } from '../support/kernel-files.js';

/** Seconds that an emulated machine may take to boot Debian's kernel; it takes 3 to 10. */
const PATIENCE = 120;
const GREETING = 'Hello from the second kernel';
const COMMAND_LINE = 'console=ttyAMA0 quiet retain_initrd greeting=hello';

const kernel = () => new Uint8Array(readFileSync(corpus.cloudKernel()));
const initrd = () => buildDemoInitrd(corpus.busybox(), buildCpio);

/** Boots what stands in a file. */
function boot(contents: Uint8Array, ...options: readonly string[]): string {
  const path = join(temporaryFolder(), 'kernel');
  writeFileSync(path, contents);
  const { status, stdout, stderr } = runCli('boot', path, '--timeout', String(PATIENCE), ...options);
  expect(stderr).not.toContain('refused');
  expect(status).toBe(0);
  return stdout;
}

describe('boot reaches the greeting', { timeout: (PATIENCE + 10) * 1000 }, () => {
  it('of a UKI by its own initrd and command line', () => {
    const sections = { '.cmdline': `${COMMAND_LINE}\n`, '.initrd': initrd(), '.linux': kernel() };
    const stdout = boot(buildUki(corpus.stub(), sections));
    expect(stdout).toContain(`command line: ${COMMAND_LINE}\r\n`);
    expect(stdout).toContain(GREETING);
  });

  it('of a zboot image', () => {
    const image = kernel();
    const path = join(temporaryFolder(), 'initrd');
    writeFileSync(path, initrd());
    const zboot = buildZboot(compress(image, 'zstd'), 'zstd', image.length);
    expect(boot(zboot, '--initrd', path, '--command-line', COMMAND_LINE)).toContain(GREETING);
  });
});
