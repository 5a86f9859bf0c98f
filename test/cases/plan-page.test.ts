import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';

const WITNESS = 'test/witness/witness.Image';

describe('plan --html', () => {
  it('writes a page, names it, and prints the plan as without it', () => {
    const file = join(makeTemporaryFolder(), 'plan.html');
    const { status, stdout, stderr } = runCli('plan', WITNESS, '--command-line', 'a<b>', '--html', file);
    expect(status).toBe(0);
    expect(stdout).toContain('Physical memory of qemu-virt');
    expect(stderr).toContain('plan.html');
    const page = readFileSync(file, 'utf8');
    expect(page).toMatch(/^<!doctype html>\n/);
    expect(page).toContain('witness.Image');
    expect(page).toContain('&quot;a&lt;b&gt;&quot;');
    expect(runCli('plan', WITNESS, '--html', file)).toMatchObject({ status: 1 });
    expect(readFileSync(file, 'utf8')).toBe(page);
  });

  it('writes to standard output, and of a refusal, too', () => {
    const junk = join(makeTemporaryFolder(), 'vmlinuz<b>.img');
    writeFileSync(junk, 'no kernel at all, but a text that is long enough to be one of its headers');
    const { status, stdout, stderr } = runCli('plan', junk, '--html', '-');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^<!doctype html>[\s\S]*vmlinuz&lt;b&gt;\.img is refused on [\s\S]*<\/html>\n$/);
    expect(stderr).toContain('refused: ');
  });

  it('writes nothing if a file cannot be read, or if the page would replace an input', () => {
    const file = join(makeTemporaryFolder(), 'plan.html');
    expect(runCli('plan', `${file}.missing`, '--html', file).status).toBe(1);
    expect(existsSync(file)).toBe(false);
    expect(runCli('plan', WITNESS, '--html', WITNESS, '--force').status).toBe(1);
  });
});
