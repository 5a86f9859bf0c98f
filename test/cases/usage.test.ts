/**
 * Wrong usage is short, exits with 2, and says what was probably meant; help is short or long, wherever it is asked
 * for.
 */
import { describe, expect, it } from 'vitest';
import { formatTopHelp } from '../../src/cli/commands/top-help.js';
import { runCli } from '../support/cli.js';

/** Runs a command in a terminal of 80 columns, or of another width. */
function runWide(columns: number, ...args: readonly string[]): ReturnType<typeof runCli> {
  const before = process.env.COLUMNS;
  process.env.COLUMNS = String(columns);
  try {
    return runCli(...args);
  } finally {
    process.env.COLUMNS = before;
  }
}

describe('wrong usage', () => {
  it.each([
    [['recrod'], "unknown command 'recrod'", 'Did you mean machine record?', 'kexec-file'],
    [['dmesg', 'vmcore'], "unknown command 'dmesg'", 'Did you mean vmcore dmesg?', 'kexec-file'],
    [['plna', 'x'], "unknown command 'plna'", 'Did you mean plan?', 'kexec-file'],
    [['vmcore', 'dmsg', 'x'], "unknown command 'dmsg'", 'Did you mean dmesg?', 'kexec-file vmcore'],
    [['help', 'plna'], "unknown command 'plna'", 'Did you mean plan?', 'kexec-file'],
    [['plna', '--help'], "unknown command 'plna'", 'Did you mean plan?', 'kexec-file'],
    [['vmcore', 'dmsg', '-h'], "unknown command 'dmsg'", 'Did you mean dmesg?', 'kexec-file vmcore'],
    [['README.md'], "unknown command 'README.md'", 'kexec-file plan README.md', 'kexec-file'],
    [['--initrd', 'x'], "unknown option '--initrd'", 'kexec-file plan --initrd', 'kexec-file'],
    [['plan', 'x', '--jsn'], "unknown option '--jsn'", 'Did you mean --json?', 'kexec-file plan'],
    [
      ['status', '--initrd=x'],
      "unknown option '--initrd=x'",
      'kexec-file plan --initrd',
      'kexec-file status',
    ],
    [['--verson'], "unknown option '--verson'", 'Did you mean --version?', 'kexec-file'],
    [['plan', 'x', '--hlep'], "unknown option '--hlep'", 'Did you mean --help?', 'kexec-file plan'],
    [['-l', 'x'], "unknown option '-l'", 'kexec-file load KERNEL', 'kexec-file'],
    [['-p', 'x'], "unknown option '-p'", 'kexec-file load KERNEL --panic', 'kexec-file'],
    [['-e'], "unknown option '-e'", 'kexec-file exec', 'kexec-file'],
    [['-u'], "unknown option '-u'", 'kexec-file unload', 'kexec-file'],
    [['--kexec-file-syscall'], '--kexec-file-syscall', '--syscall file', 'kexec-file'],
    [['load', 'x', '-s'], "unknown option '-s'", '--syscall file', 'kexec-file load'],
  ])('%j', (args, mistake, meant, path) => {
    const { status, stdout, stderr } = runCli(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    const lines = stderr.split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain(mistake);
    expect(lines[1]).toMatch(/^\(.*\)$/);
    expect(lines[1]).toContain(meant);
    expect(lines[2]).toBe(`more: ${path} --help`);
  });

  it.each([
    ['an unknown word', ['xyzzy']],
    ['a letter that no command takes', ['plan', 'x', '-x']],
    ['a missing argument', ['verify']],
    ['a surplus argument', ['status', 'x']],
    ['a missing value', ['plan', '--initrd']],
    ['a value that is none of the choices', ['plan', 'x', '--rules', 'y']],
  ])('is two lines for %s, within 80 columns', (_, args) => {
    const { status, stderr } = runWide(80, ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: (.*\n){1,3}more: kexec-file.* --help\n$/);
    for (const line of stderr.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('without a command, or without one within a command, is the short help', () => {
    const alone = runWide(80);
    expect([alone.status, alone.stdout]).toEqual([2, '']);
    expect(alone.stderr).toBe(`${formatTopHelp(80, true)}\n`);
    const crash = runCli('crash');
    expect([crash.status, crash.stdout]).toEqual([2, '']);
    expect(crash.stderr).toMatch(/^Usage: kexec-file crash <command>\n.*\nmore: kexec-file crash --help\n$/s);
  });
});

describe('help', () => {
  it.each([
    ['--help', 80, false],
    ['help', 80, false],
    ['-h', 80, true],
    ['--help', 120, false],
    ['-h', 95, true],
  ])('%s at %i columns is that of the program', (arg, columns, isShort) => {
    const { status, stdout, stderr } = runWide(columns, arg);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`${formatTopHelp(columns, isShort)}\n`);
  });

  it('is the same for help COMMAND and COMMAND --help, and shorter for -h', () => {
    const long = runCli('plan', '--help').stdout;
    expect(runCli('help', 'plan').stdout).toBe(long);
    expect(runCli('help', 'vmcore', 'dmesg').stdout).toBe(runCli('vmcore', 'dmesg', '--help').stdout);
    const short = runCli('plan', '-h').stdout;
    expect(long).toContain('\nExamples:\n');
    expect(short).not.toContain('Example');
    expect(short).toMatch(/\n\nmore: kexec-file plan --help\n$/);
    expect(long.startsWith(short.slice(0, short.indexOf('\nmore: ')))).toBe(true);
  });

  it.each(['version', '--version', '-V', '-v'])('%s prints the version', (arg) => {
    const { status, stdout } = runCli(arg);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
