/** What comes out of a file is not trusted to print. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliRun, makeTemporaryFolder, runCli } from '../support/cli.js';

const CASE = 'test/cases/attack/02-terminal-escapes';
const CERT = 'test/cases/attack/01-pkcs7-quadratic/good.pem';

/** Any character that a terminal obeys, other than line feeds. */
const OBEYED = /[^\P{Cc}\n]|\p{Cf}|\p{Zl}|\p{Zp}/u;

function expectHarmless({ stdout, stderr }: CliRun): void {
  expect(stdout).not.toMatch(OBEYED);
  expect(stderr).not.toMatch(OBEYED);
}

describe('attack/02: terminal escapes', () => {
  it.each([
    ['verify', `${CASE}/nl-signed`, '--cert', CERT, '--trail'],
    ['verify', `${CASE}/nl-signed`, '--cert', CERT, '--json', '--trail'],
    ['verify', `${CASE}/esc-signed`, '--cert', CERT, '--trail'],
    ['verify', `${CASE}/esc-signed`, '--cert', CERT, '--json', '--trail'],
    ['inspect', `${CASE}/uki-esc`],
    ['inspect', `${CASE}/uki-esc`, '--json'],
    ['plan', `${CASE}/uki-esc`],
    ['plan', `${CASE}/uki-esc`, '--json'],
    ['explain', `${CASE}/uki-esc`],
    ['plan', `${CASE}/zboot-esc`],
    ['plan', `${CASE}/zboot-esc`, '--json'],
    ['inspect', `${CASE}/zboot-esc`],
    ['machine', 'show', `${CASE}/esc.json`],
    ['machine', 'show', `${CASE}/esc.json`, '--json'],
    ['inspect', `${CASE}/esc.json`],
    ['plan', `${CASE}/uki-esc`, '--machine', `${CASE}/esc.json`],
    ['doctor', '--machine', `${CASE}/esc.json`],
    ['preflight', `${CASE}/uki-esc`, `${CASE}/esc.json`],
    ['preflight', `${CASE}/uki-esc`, `${CASE}/esc.json`, '--json'],
    ['signature', 'list', `${CASE}/image.evil`],
    ['signature', 'list', `${CASE}/image.evil`, '--json'],
  ])('%s %s %s %s', (...args) => {
    expectHarmless(runCli(...args.filter((arg) => arg !== undefined)));
  });

  it('a name with a line feed forges no verdict of another file', () => {
    const { stdout, stderr } = runCli('verify', `${CASE}/nl-signed`, '--cert', CERT, '--trail');
    expect(stdout + stderr).not.toMatch(/^vmlinuz: ok/m);
  });
});

describe('of its kind', () => {
  it('a file name with an escape sequence is shown, in text and JSON', () => {
    const path = join(makeTemporaryFolder(), 'x\u001b[31m\u202e\nvmlinuz: ok');
    writeFileSync(path, readFileSync(`${CASE}/nl-signed`));
    const text = runCli('verify', path, '--cert', CERT);
    expectHarmless(text);
    expect(text.stderr).toContain('x\\x1b[31m\\u202e\\nvmlinuz: ok: refused');
    const json = runCli('verify', path, '--cert', CERT, '--json');
    expectHarmless(json);
    expect(JSON.parse(json.stdout)).toMatchObject({ file: path });
  });

  it('a kernel log with escape sequences is quoted, not obeyed', () => {
    const log = join(makeTemporaryFolder(), 'dmesg');
    writeFileSync(log, '[ 1.0] \u001b]0;x\u0007\u009b2J kexec_file: \u202eKernel image \u200b invalid\n');
    for (const json of [[], ['--json']]) expectHarmless(runCli('explain', '--log', log, ...json));
  });

  it('a picture and a page contain no character that XML forbids, nor one that turns text around', () => {
    const folder = makeTemporaryFolder();
    const machine = join(folder, 'machine.json');
    const [svg, html] = [join(folder, 'x.svg'), join(folder, 'x.html')];
    writeFileSync(machine, readFileSync(`${CASE}/esc.json`));
    expect(runCli('plan', `${CASE}/uki-esc`, '--machine', machine, '--svg', svg).status).toBe(0);
    runCli('preflight', `${CASE}/uki-esc`, machine, '--html', html);
    for (const path of [svg, html]) {
      const markup = readFileSync(path, 'utf8');
      expect(markup).not.toMatch(OBEYED);
      expect(markup).not.toContain('<script>alert');
    }
  });

  it('a machine file is written with its escapes', () => {
    const shown = runCli('machine', 'show', `${CASE}/esc.json`, '--json').stdout;
    expect(JSON.parse(shown)).toMatchObject({
      name: JSON.parse(readFileSync(`${CASE}/esc.json`, 'utf8')).name,
    });
  });

  it('a long text is cut', () => {
    const path = join(makeTemporaryFolder(), 'fdt');
    const { stderr } = runCli('inspect', path + '/x'.repeat(20_000));
    expect(Math.max(...stderr.split('\n').map(({ length }) => length))).toBeLessThan(2600);
  });
});
