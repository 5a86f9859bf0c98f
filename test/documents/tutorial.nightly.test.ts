/** The tutorial: documents.debian.test.ts runs the README's blocks, and named-options.test.ts knows the options of both. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from '../guest/guest.js';
import { buildSecondInitrd, secondKernel } from '../guest/second-kernel.js';
import { makeTemporaryFolder } from '../support/cli.js';
import { readBlocks } from './blocks.js';
import { runInGuest, runScript } from './run-blocks.js';

const TUTORIAL = 'docs/tutorial.md';

describe('the shell blocks of the documents', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('of the tutorial run', () => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'initrd.img'), buildSecondInitrd(Buffer.from('payload')));
    const { status, output } = runScript(readBlocks(TUTORIAL, ''), folder);
    expect(status, output).toBe(0);
    for (const said of ['purgatory refused', 'refused: EKEYREJECTED', 'sysrq triggered crash'])
      expect(output).toContain(said);
  });

  it('of the tutorial load and enter a kernel', async () => {
    const { output, console } = await runInGuest(TUTORIAL);
    expect(secondKernel(console)?.commandLine, output + console).toContain('greeting=hello');
  });
});
