import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listOptions } from '../../../../src/cli/drop-ins/kexec-tools/kexec-options.js';
import { type CliRun, makeTemporaryFolder } from '../../../support/cli.js';

/** So that no system call is made, wherever the tests run. */
const AS_ON_MIPS = "data:text/javascript,Object.defineProperty(process, 'arch', { value: 'mips' })";

/** Runs the built command by a link that is named kexec, as on a machine whose system calls it does not make. */
function runKexec(...args: readonly string[]): CliRun {
  const link = join(makeTemporaryFolder(), 'kexec');
  symlinkSync(resolve('bin/kexec-file.js'), link);
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    ['--import', AS_ON_MIPS, link, ...args],
    { encoding: 'utf8', env: { ...process.env, COLUMNS: '80' } },
  );
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

const WITNESS = 'test/witness/witness.Image';

describe('kexec-file, called as kexec', () => {
  it('prints a version that scripts can parse', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const told = { status: 0, stdout: `kexec-tools 2.0.32 (kexec-file ${version})\n`, stderr: '' };
    expect(runKexec('-v')).toEqual(told);
    expect(runKexec('-d', '--vers')).toEqual(told);
  });

  it('has every option in its help, in lines that fit a terminal', () => {
    const { status, stdout, stderr } = runKexec('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const { names } of listOptions('arm64'))
      for (const name of names) expect(stdout).toContain(`--${name}`);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it.each([
    [['--bogus'], /^kexec: there is no option --bogus; kexec --help lists the options\n$/],
    [['--inird=x'], /--inird \(did you mean --initrd\?\)/],
    [['-lZ', WITNESS], /-Z/],
    [['--re', '-l', WITNESS], /--reuse-cmdline, --reuseinitrd/],
    [['-l', WITNESS, '--initrd'], /--initrd needs an argument/],
    [['-l', WITNESS, '--mem-min=low'], /--mem-min takes an address/],
  ])('%j is wrong usage: 1, in one line', (args, message) => {
    const { status, stdout, stderr } = runKexec(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('refuses unsupported options by name: 1', () => {
    const { status, stdout, stderr } = runKexec('-p', WITNESS, '--hotplug');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^kexec: --hotplug is refused: /);
  });

  it('fails with 255 without a kernel', () => {
    const { status, stderr } = runKexec('-l');
    expect({ status, stderr }).toEqual({
      status: 255,
      stderr: 'kexec: no KERNEL was given; kexec --help lists the options\n',
    });
  });

  it('loads and unloads nothing on a machine that is neither arm64 nor x86_64: 255', () => {
    for (const args of [
      ['-l', WITNESS],
      ['--load', WITNESS, '--append', 'quiet', '--initrd', WITNESS],
      [WITNESS],
      ['-u'],
      ['-p', '-u'],
    ]) {
      const { status, stdout, stderr } = runKexec(...args);
      expect({ args, status, stdout }).toEqual({ args, status: 255, stdout: '' });
      expect(stderr).toMatch(/^kexec: refused: ENOSYS \(live-platform\)\n/);
      expect(stderr).toContain('mips');
    }
  });

  it.each([
    [['-S'], 'kexec_crash_loaded'],
    [['-l', '-S'], 'kexec_loaded'],
  ])('%j says what /sys/kernel says, or 255', (args, name) => {
    const read = (file: string) =>
      existsSync(`/sys/kernel/${file}`) ? Number(readFileSync(`/sys/kernel/${file}`, 'utf8')) : undefined;
    const expected = read('kexec_loaded') === undefined ? 255 : (read(name) ?? 0);
    expect(runKexec(...args).status).toBe(expected);
  });
});
