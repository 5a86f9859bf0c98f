import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.js';

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);

describe('standard output and standard error', () => {
  it('have one writer, which takes text that was escaped', () => {
    const writers = SOURCES.filter((path) => {
      const code = readFileSync(join('src', path), 'utf8').replaceAll(/^ \*.*$/gm, '');
      return /std(out|err)\.write|\bconsole\.(log|error|warn)|\bas (unknown as )?Printable/.test(code);
    });
    expect(writers.sort()).toEqual([
      'cli/terminal/output.ts',
      // Help, which commander composes.
      'cli/terminal/usage-output.ts',
      // A question, before the terminal is read.
      'node/keys/passphrase.ts',
      'view/csv/csv-row.ts',
      'view/json/format-json.ts',
      'view/text/make-view.ts',
      'view/text/printable.ts',
    ]);
  });

  it.each([
    ['a file name', ['inspect', 'x\u001b[31m\nok']],
    ['an option', ['plan', '--x\u001b[31m\n']],
    ['a command', ['pl\u001b[31m\nan']],
    ['the value of an option', ['boot', 'x', '--timeout', '\u001b[31m\n\u202e']],
    ['a machine', ['machine', 'show', '\u001b]0;x\u0007']],
    ['a surplus argument', ['status', '\u009b2J\n']],
  ])('show escape sequences in %s, and do not obey them', (_, args) => {
    const { status, stdout, stderr } = runCli(...args);
    expect(status).toBeGreaterThan(0);
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(stderr).not.toMatch(/^(ok|an)/m);
  });

  it('suggests an option on a line of its own', () => {
    expect(runCli('plan', 'x', '--jsn').stderr).toMatch(
      /^error: unknown option '--jsn'\n\(Did you mean --json\?\)\n/,
    );
  });
});
