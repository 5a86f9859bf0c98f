import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { OPTIONS } from '../../../../src/cli/drop-ins/makedumpfile/makedumpfile-options.js';
import { runAs } from '../../../support/called-as.js';
import { makeTemporaryFolder } from '../../../support/cli.js';
import { openVmcoreBytes, readExpectedDmesg, readReducedVmcore } from '../../../support/vmcore.js';

const NAME = 'debian-6.12-52bit';

let folder: string;
let vmcore: string;
const file = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = makeTemporaryFolder();
  vmcore = file('vmcore');
  writeFileSync(vmcore, readReducedVmcore(NAME));
});

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = runAs('makedumpfile', args);
  return { status, stdout: stdout.toString('latin1'), stderr };
}

/** The log in a dump, as the drop-in writes it. */
function readLogOf(path: string): string {
  const log = file('log');
  expect(run('-f', '--dump-dmesg', path, log)).toMatchObject({ status: 0 });
  return readFileSync(log, 'latin1');
}

describe('kexec-file, called as makedumpfile', () => {
  it('has every option in its help, in lines that fit a terminal', () => {
    const { status, stdout, stderr } = run('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const { names, letter } of OPTIONS)
      expect(stdout).toContain(letter ? ` -${letter}` : `--${names[0]}`);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('prints a version that scripts can parse', () => {
    expect(run('-v').stdout).toMatch(/^makedumpfile: version 1\.7\.6 \(kexec-file \d/);
  });

  it.each([['-c'], ['-z'], ['-l'], ['-p'], ['-E'], []])('saves a dump: %s', (...how) => {
    const { status, stdout } = run(...how, '-d', '1', vmcore, file('dump'));
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `\nThe dumpfile is saved to ${file('dump')}.\nmakedumpfile Completed.\n`,
    });
    expect(readdirSync(folder).sort()).toEqual(['dump', 'vmcore']);
    expect(readLogOf(file('dump'))).toBe(readExpectedDmesg(NAME));
  });

  it('streams a dump, with all messages on standard error, and puts it in order again', () => {
    const stream = runAs('makedumpfile', ['-F', '-c', '-d', '1', '--message-level', '31', vmcore]);
    expect(stream.status).toBe(0);
    expect(stream.stdout.subarray(0, 12).toString()).toBe('makedumpfile');
    expect(stream.stderr).toContain('The dumpfile is saved to STDOUT.\nmakedumpfile Completed.\n');
    expect(readFileSync(vmcore).length).toBeGreaterThan(stream.stdout.length);

    const rearranged = runAs('makedumpfile', ['-R', file('dump')], stream.stdout);
    expect(rearranged.stdout.toString()).toBe(
      `\nThe dumpfile is saved to ${file('dump')}.\nmakedumpfile Completed.\n`,
    );
    expect(run('-c', '-d', '1', vmcore, file('plain')).status).toBe(0);
    expect(readFileSync(file('dump'))).toEqual(readFileSync(file('plain')));
  });

  it('splits a dump, and puts it together again', () => {
    const parts = ['one', 'two', 'three'].map(file);
    expect(run('--split', '-c', '-d', '1', vmcore, ...parts)).toMatchObject({
      status: 0,
      stdout: `\nThe dumpfiles are saved to ${parts[0]}, ${parts[1]}, and ${parts[2]}.\nmakedumpfile Completed.\n`,
    });
    expect(run('--split', '-c', vmcore, file('new'), file('two'))).toMatchObject({ status: 1 });
    expect(run('--reassemble', ...parts, file('whole'))).toMatchObject({
      status: 0,
      stdout: `\nThe dumpfile is saved to ${file('whole')}.\nmakedumpfile Completed.\n`,
    });
    expect(readdirSync(folder).sort()).toEqual(['one', 'three', 'two', 'vmcore', 'whole']);
    expect(readLogOf(file('whole'))).toBe(readExpectedDmesg(NAME));
    expect(run('--reassemble', file('one'), file('two'), file('part'))).toMatchObject({ status: 1 });
    expect(existsSync(file('part'))).toBe(false);
  });

  it('never completes a stream that is cut', () => {
    const { stdout } = runAs('makedumpfile', ['-F', '-c', vmcore]);
    const { status, stderr } = runAs('makedumpfile', ['-R', file('dump')], stdout.subarray(0, -1));
    expect(status).toBe(1);
    expect(stderr).toContain('standard input is cut short');
    expect(stderr).toContain(`${file('dump')}.incomplete has `);
    expect(existsSync(file('dump'))).toBe(false);
  });

  it('prints the numbers of pages by the names of makedumpfile', () => {
    const { stdout } = run('--show-stats', '-d', '0', vmcore, file('dump'));
    const pages = openVmcoreBytes(readFileSync(vmcore))
      .memory.ranges()
      .reduce((sum, { present }) => sum + Number(present) / 4096, 0);
    const count = (number: number): string => `0x${number.toString(16).padStart(16, '0')}`;
    expect(stdout).toContain(`Original pages              : ${count(pages)}\n`);
    expect(stdout).toContain(`  Excluded pages            : ${count(0)}\n`);
    expect(stdout).toContain(`  Remaining pages           : ${count(pages)}\n`);
  });

  it('writes nothing in a dry run', () => {
    const { status, stdout } = run('--dry-run', '-c', vmcore, file('dump'));
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^\nThe dumpfile would have \d+ bytes: this was a dry run\.\nmakedumpfile Completed\.\n$/,
    );
    expect(readdirSync(folder)).toEqual(['vmcore']);
  });

  it('translates an address, and saves the dump', () => {
    const address = `0x${openVmcoreBytes(readFileSync(vmcore)).vmcoreinfo.needSymbol('prb').toString(16)}`;
    const { status, stdout } = run('--vtop', address, vmcore, file('dump'));
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^VIRTUAL {13}PHYSICAL\n${address}  0x[0-9a-f]+\n\nThe dumpfile`));
  });

  it('says nothing at level 0', () => {
    expect(run('--message-level', '0', vmcore, file('dump'))).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(run('--message-level', '0', vmcore, file('dump'))).toEqual({ status: 1, stdout: '', stderr: '' });
  });

  it('replaces a file with -f alone, and an input never', () => {
    writeFileSync(file('dump'), 'other');
    const refused = run(vmcore, file('dump'));
    expect(refused).toMatchObject({ status: 1, stdout: 'makedumpfile Failed.\n' });
    expect(refused.stderr).toContain(`${file('dump')} exists`);
    expect(refused.stderr).toContain('give -f to replace it');
    expect(readFileSync(file('dump'), 'utf8')).toBe('other');
    expect(run('-f', vmcore, vmcore)).toMatchObject({ status: 1 });
    expect(readFileSync(vmcore)).toEqual(Buffer.from(readReducedVmcore(NAME)));
    expect(run('-f', vmcore, file('dump'))).toMatchObject({ status: 0 });
  });

  it('stops at the size limit, with what it has under another name', () => {
    const { status, stderr } = run('-L', '100K', vmcore, file('dump'));
    expect(status).toBe(1);
    expect(stderr).toContain('the dump would exceed the limit of 100 KiB');
    expect(stderr).toContain(`${file('dump')}.incomplete has `);
    expect(readdirSync(folder).sort()).toEqual(['dump.incomplete', 'vmcore']);
  });

  it('tries the next level if the first leaves too much', () => {
    const { size } = {
      size: Number(/have (\d+)/.exec(run('--dry-run', '-d', '1', vmcore, file('x')).stdout)?.[1]),
    };
    const { status, stderr } = run('-L', String(size), '-d', '0,1', vmcore, file('dump'));
    expect([
      status,
      stderr.includes('no room for the dump of -d 0 (EFBIG): it is saved once more, with -d 1'),
    ]).toEqual([0, size < readFileSync(vmcore).length]);
    expect(readdirSync(folder).sort()).toEqual(['dump', 'vmcore']);
  });

  it('saves what a cut dump has, names what is missing, and fails', () => {
    writeFileSync(vmcore, readReducedVmcore(NAME).subarray(0, 100_000));
    const { status, stdout, stderr } = run('-c', vmcore, file('dump'));
    expect(status).toBe(1);
    expect(stderr).toContain('the file is cut short');
    expect(stdout).toContain('makedumpfile Failed.\n');
    expect(existsSync(file('dump'))).toBe(true);
  });

  it('exits with 2 for the vmlinux of another kernel', () => {
    expect(run('-x', process.execPath, vmcore, file('dump'))).toMatchObject({ status: 2 });
    expect(existsSync(file('dump'))).toBe(false);
  });

  it.each([
    [['-d', '31'], 'VMCORE and DUMPFILE are missing'],
    [['--split', 'a', 'b'], 'DUMPFILE2 is missing'],
    [['--eppic', 'a', 'b', 'c'], '--eppic is refused'],
    [['--mesage-level', '1', 'a', 'b'], 'did you mean --message-level?'],
  ])('%j is wrong usage: 1, in one line', (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'makedumpfile Failed.\n' });
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('counts the pages of no dump', () => {
    const { status, stderr } = run('--mem-usage', vmcore);
    expect(status).toBe(1);
    expect(stderr).toContain('give /proc/kcore; for a dump, use --dry-run --show-stats');
  });

  it('writes the log to standard output with -F', () => {
    const { status, stdout } = run('-F', '--dump-dmesg', vmcore);
    expect({ status, stdout }).toEqual({ status: 0, stdout: readExpectedDmesg(NAME) });
  });
});
