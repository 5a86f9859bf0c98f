import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nameOf } from '../../src/cli/help/command-path.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { loadCommands } from '../support/commands.js';
import { parseReports } from '../support/json-reports.js';
import { WITNESS_FILE } from '../support/witness.js';

const NOTHING = 'no such file';
const UNWRITTEN = join(NOTHING, 'output');

const KDUMP = ['status', 'show', 'test', 'reload', 'save'];

/** They need a running kernel: test/guest tries them. `verify` has an object for each file, as the next tests show. */
const OTHERS = ['exec', 'status', 'unload', 'verify', ...KDUMP.map((name) => `kdump ${name}`)];

/** Each command with `--json`, on a file that does not exist. Those that take none make a system call at once. */
const REFUSED: readonly (readonly [schema: string, ...args: string[]])[] = [
  ['plan', 'plan', NOTHING],
  ['plan', 'plan', 'package.json', '--machine', NOTHING],
  ['load', 'load', NOTHING],
  ['boot', 'boot', NOTHING],
  ['explain', 'explain', NOTHING],
  ['preflight', 'preflight', NOTHING, NOTHING],
  ['inspect', 'inspect', NOTHING],
  ['doctor', 'doctor', '--machine', NOTHING],
  ['sign', 'sign', NOTHING, '--key', NOTHING, '--cert', NOTHING],
  ['signature-list', 'signature', 'list', NOTHING],
  ['signature-attach', 'signature', 'attach', NOTHING, NOTHING, '-o', UNWRITTEN],
  ['signature-detach', 'signature', 'detach', NOTHING, '-o', UNWRITTEN],
  ['signature-remove', 'signature', 'remove', NOTHING, '-o', UNWRITTEN],
  ['machine', 'machine', 'show', NOTHING],
  ['machine-entries', 'machine', 'entries', '--root', NOTHING],
  ['machine-record', 'machine', 'record', '--from', NOTHING, '-o', UNWRITTEN],
  ['vmcore-info', 'vmcore', 'info', NOTHING],
  ['vmcore-dmesg', 'vmcore', 'dmesg', NOTHING],
  ['vmcore-save', 'vmcore', 'save', NOTHING, '-o', UNWRITTEN],
  ['crash-lint', 'crash', 'lint', NOTHING],
  ['crash-estimate', 'crash', 'estimate', NOTHING, '--machine', 'qemu-virt'],
  ['crash-rehearse', 'crash', 'rehearse', '--machine', NOTHING],
];

describe('--json', () => {
  it.each(REFUSED)(
    'prints one object for what is refused before there is a report: %s, %s %s',
    (schema, ...args) => {
      const { status, stdout, stderr } = runCli(...args, '--json');
      const reports = parseReports(stdout);
      expect(status).toBe(1);
      expect(stderr).not.toBe('');
      expect(reports).toHaveLength(1);
      expect(reports[0]).toMatchObject({
        schema: `kexec-file/${schema}`,
        version: 1,
        refusal: { errno: expect.any(String), check: expect.any(String), detail: expect.any(String) },
      });
    },
  );

  it('is an option of no other command', async () => {
    const commands = [...(await loadCommands()).values()].filter(({ options }) =>
      options.some(({ long }) => long === '--json'),
    );
    const names = commands.map((command) => nameOf(command).replace('kexec-file ', ''));
    const tried = REFUSED.map(([, first = '', second = '']) =>
      names.includes(`${first} ${second}`) ? `${first} ${second}` : first,
    );
    expect(new Set([...tried, ...OTHERS])).toEqual(new Set(names));
  });

  it('names the check of a file that does not exist', () => {
    const [report] = parseReports(runCli('plan', 'nofile', '--json').stdout);
    expect(report).toMatchObject({ refusal: { errno: 'ENOENT', check: 'file-access' } });
  });

  it('prints nothing for wrong usage, and exits with 2', () => {
    for (const args of [['plan'], ['plan', 'a', 'b'], ['plan', 'a', '--nonsense'], ['explain']]) {
      const { status, stdout } = runCli(...args, '--json');
      expect([status, stdout]).toEqual([2, '']);
    }
  });

  it('prints one object although an output fails after the plan', () => {
    const missing = join(makeTemporaryFolder(), 'missing', 'map.svg');

    const [report, ...more] = parseReports(runCli('plan', WITNESS_FILE, '--json', '--svg', missing).stdout);
    expect(more).toEqual([]);
    expect(report).toMatchObject({ schema: 'kexec-file/plan', refusal: { check: 'file-access' } });
  });

  it('prints one object a line for many files, also for those that cannot be read', () => {
    const { status, stdout } = runCli('verify', NOTHING, 'package.json', '--json');
    expect(status).toBe(1);
    expect(parseReports(stdout)).toMatchObject([
      { schema: 'kexec-file/verify', file: NOTHING, check: 'file-access' },
      { schema: 'kexec-file/verify', file: 'package.json', verdict: 'refused' },
    ]);
  });

  it('escapes what turns text around, and says the same to a parser', () => {
    const name = 'a\u001b[31m\u202eb\u2066\u200f\u2028\n.json';
    const path = join(makeTemporaryFolder(), name);
    writeFileSync(path, '{}');
    for (const args of [
      ['inspect', path],
      ['verify', path],
      ['plan', `${path}.missing`],
      ['machine', 'show', path],
    ]) {
      const { stdout } = runCli(...args, '--json');
      expect(stdout).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u);
      expect(stdout).toContain('\\u202eb\\u2066\\u200f\\u2028');
      expect(JSON.stringify(parseReports(stdout))).toContain(JSON.stringify(name).slice(1, -1));
    }
  });
});

describe('a machine file', () => {
  it('is read with the header that machine show --json adds', () => {
    const file = join(makeTemporaryFolder(), 'machine.json');
    const shown = runCli('machine', 'show', 'qemu-virt', '--json').stdout;
    expect(JSON.parse(shown)).toMatchObject({ schema: 'kexec-file/machine', version: 1 });
    writeFileSync(file, shown);
    expect(runCli('machine', 'show', file, '--json').stdout).toBe(shown);
  });
});
