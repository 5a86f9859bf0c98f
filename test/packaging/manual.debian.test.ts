/** The manual in the readers of manual pages: man-db with groff, and mandoc. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPages } from '../../packaging/manual/pages.mjs';
import { loadCommands } from '../support/commands.js';
import { runProgram } from '../support/programs.js';

const DATE = 1_790_000_000;
const PAGES: ReadonlyMap<string, string> = await buildPages(DATE);
const COMMANDS = await loadCommands();

/** A folder as MANPATH has it. */
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kexec-file-manual-'));
  for (const [name, text] of PAGES) {
    mkdirSync(join(folder, `man${name.slice(-1)}`), { recursive: true });
    writeFileSync(findPath(name), text);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

function findPath(name: string): string {
  return join(folder, `man${name.slice(-1)}`, name);
}

/** Formats a page. @returns its text, and the warnings of groff */
function format(name: string, columns: number): { readonly text: string; readonly warnings: string } {
  const { stdout, stderr, error } = spawnSync(
    'man',
    ['--local-file', '--warnings=w', '--encoding=UTF-8', findPath(name)],
    { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: String(columns), PAGER: 'cat' } },
  );
  if (error !== undefined) throw error;
  return { text: stdout, warnings: stderr };
}

/** The headings of a page. */
function listHeadings(text: string): string[] {
  return [...text.matchAll(/^\.SH "(.*)"$/gm)].map(([, heading = '']) => heading);
}

describe.each([...PAGES.keys()])('%s', (name) => {
  it.each([80, 120])('has no warnings and fits %i columns', (columns) => {
    const { text, warnings } = format(name, columns);
    expect(warnings).toBe('');
    // Lines of shell commands are as they are.
    const long = text.split('\n').filter((line) => line.length > columns && !line.startsWith(' '.repeat(11)));
    expect(long).toEqual([]);
  });

  it('is without fault for mandoc', () => {
    const { stdout, status } = spawnSync('mandoc', ['-T', 'lint', findPath(name)], { encoding: 'utf8' });
    // Long lines of examples stay: a shell reads them as they are.
    const faults = stdout
      .split('\n')
      .filter((line) => line !== '' && !line.includes('input text line longer than 80'));
    expect([faults, status === null]).toEqual([[], false]);
  });

  it('has a line for whatis', () => {
    expect(runProgram('lexgrog', ['-m', findPath(name)])).toMatch(
      new RegExp(`: "${name.slice(0, -2).replace('.', '\\.')} - \\S`),
    );
  });
});

describe('the pages of section 8', () => {
  it('are one for the program, each command and subcommand, the drop-ins, and the reboot command', () => {
    const wanted = [
      'kexec-file',
      'kexec-file-kexec',
      'kexec-file-makedumpfile',
      'kexec-file-reboot',
      ...[...COMMANDS.keys()].map((path) => path.replaceAll(' ', '-')),
    ];
    const found = [...PAGES.keys()].filter((name) => name.endsWith('.8'));
    expect(found.sort()).toEqual(wanted.map((name) => `${name}.8`).sort());
  });

  it.each([...COMMANDS.keys()])('have the sections that a reader expects: %s', (path) => {
    const headings = listHeadings(PAGES.get(`${path.replaceAll(' ', '-')}.8`) ?? '');
    const wanted = [
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'OPTIONS',
      'EXAMPLES',
      'EXIT STATUS',
      'FILES',
      'SEE ALSO',
    ];
    expect(headings.filter((heading) => !['COMMANDS', 'ARGUMENTS'].includes(heading))).toEqual(wanted);
  });

  it.each([...COMMANDS])('have every option: %s', (path, { options }) => {
    const { text } = format(`${path.replaceAll(' ', '-')}.8`, 120);
    for (const { long } of options) expect(text).toContain(long);
  });

  it('name pages that exist', () => {
    for (const [name, text] of PAGES) {
      const named = [
        ...text
          .replaceAll(/\\f[BR]/g, '')
          .replaceAll('\\-', '-')
          .matchAll(/(kexec-file[\w.-]*)\((\d)\)/g),
      ];
      for (const [, page, section] of named)
        expect(PAGES.has(`${page}.${section}`), `${name}: ${page}`).toBe(true);
    }
  });
});

describe('the manual', () => {
  it('is found by a word in it', () => {
    const env = { ...process.env, MANPATH: folder, LC_ALL: 'C.UTF-8' };
    const { stdout } = spawnSync('man', ['-Kw', 'purgatory'], {
      encoding: 'utf8',
      env,
    });
    expect(stdout).toContain('kexec-file-plan.8');
  });

  it('is the same each time, with the date of the source', async () => {
    expect([...(await buildPages(DATE))]).toEqual([...PAGES]);
    expect(PAGES.get('kexec-file.8')).toContain('.TH "KEXEC\\-FILE" "8" "2026-09-21"');
  });

  it('prints options, quotes and dots as they are typed', () => {
    const { text } = format('kexec-file-crash-initrd.8', 80);
    expect(text).toContain("as in Debian's busybox-static");
    expect(text).toContain('--modules /lib/modules/$(uname -r) --module nvme --module ext4');
  });
});
