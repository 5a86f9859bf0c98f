import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAs } from '../../../support/called-as.js';
import { makeTemporaryFolder } from '../../../support/cli.js';
import { REDUCED_VMCORES, readExpectedDmesg, readReducedVmcore } from '../../../support/vmcore.js';

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = runAs('vmcore-dmesg', args);
  return { status, stdout: stdout.toString('latin1'), stderr };
}

function write(bytes: Uint8Array): string {
  const path = join(makeTemporaryFolder(), 'vmcore');
  writeFileSync(path, bytes);
  return path;
}

describe('kexec-file, called as vmcore-dmesg', () => {
  it.each(REDUCED_VMCORES)('prints the log as the program of kexec-tools: %s', (name) => {
    expect(run(write(readReducedVmcore(name)))).toEqual({
      status: 0,
      stdout: readExpectedDmesg(name),
      stderr: '',
    });
  });

  it('prints its version and its help', () => {
    expect(run('--version').stdout).toMatch(/^kexec-tools 2\.0\.32 \(kexec-file \d/);
    expect(run('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Usage: vmcore-dmesg'),
    });
  });

  it('has the exit codes of that program', () => {
    expect(run()).toMatchObject({ status: 1, stdout: '' });
    expect(run('a', 'b')).toMatchObject({ status: 1, stdout: '' });
    expect(run('/nonexistent')).toMatchObject({ status: 2, stdout: '' });
    expect(run('package.json')).toMatchObject({ status: 4, stdout: '' });
  });

  it('prints what it can read of a damaged log, names the rest, and fails', () => {
    const bytes = readReducedVmcore('debian-6.12-52bit');
    const { status, stdout, stderr } = run(write(bytes.subarray(0, bytes.length / 4)));
    expect(status).toBe(65);
    expect(stdout.length).toBeLessThan(readExpectedDmesg('debian-6.12-52bit').length);
    expect(stderr).toContain('vmcore-dmesg: the file is cut short');
  });
});
