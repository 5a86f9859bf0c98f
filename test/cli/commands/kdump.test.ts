import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';

describe('kexec-file kdump show', () => {
  it.each([
    ['a wrong value', '[kdump]\npath = "relative"\n', /line 2: .*path/],
    ['a key that is there twice', '[kdump]\nkeep = 1\nkeep = 2\n', /line 3.*not TOML/],
    [
      'a file that does not exist',
      '[kdump]\nkernel = "/nothing"\n',
      /kernel names \/nothing, which does not exist/,
    ],
  ])('refuses settings with %s before they are installed', (_, text, message) => {
    const path = join(makeTemporaryFolder(), 'kexec-file.conf.new');
    writeFileSync(path, text);
    const { status, stderr } = runCli('kdump', 'show', '--config', path);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });
});
