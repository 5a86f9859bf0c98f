import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { joinLines, makeTemporaryFolder, runCli } from '../../support/cli.js';
import { buildImage } from '../../support/image.js';
import { isQemuRunning, startCli } from '../../support/running-cli.js';
import { BOOT_TIMEOUT, parseWitness, WITNESS_FILE } from '../../support/witness.js';

/** A kernel that never ends: `b .` in both words of code. */
function endlessKernel(): string {
  const image = buildImage();
  const branchToItself = 0x1400_0000;
  new DataView(image.buffer).setUint32(0, branchToItself, true);
  const path = join(makeTemporaryFolder(), 'Image');
  writeFileSync(path, image);
  return path;
}

describe('kexec-file boot', { timeout: BOOT_TIMEOUT }, () => {
  it.each(['1', '2'])('boots a kernel at EL%s, with its console on standard output', (el) => {
    const { status, stdout, stderr } = runCli(
      'boot',
      WITNESS_FILE,
      '--el',
      el,
      '--command-line',
      'a b',
      '--timeout',
      '20',
    );
    expect(Object.fromEntries(parseWitness(stdout))).toMatchObject({ el, bootargs: 'a b' });
    expect(stderr).toMatch(/^kexec-file: QEMU enters purgatory at 0x[0-9a-f]+\n$/);
    expect(status).toBe(0);
  });

  it('boots on a recorded machine', () => {
    const machine = join(makeTemporaryFolder(), 'machine.json');
    runCli('machine', 'record', '--qemu', '--memory', '256M', '-o', machine);
    const { status, stdout } = runCli('boot', WITNESS_FILE, '--machine', machine, '--timeout', '20');
    expect(parseWitness(stdout).get('x0')).toBe('0x4fe00000');
    expect(status).toBe(0);
  });

  it('stops a guest after --timeout, and says so', () => {
    const { status, stderr } = runCli('boot', endlessKernel(), '--memory', '131M', '--timeout', '1');
    expect(stderr).toContain('refused: ETIMEDOUT (qemu-run)');
    expect(status).toBe(1);
    expect(isQemuRunning('131M')).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'takes QEMU and its files with it on %s',
    async (signal) => {
      const temporary = makeTemporaryFolder();
      const run = startCli(['boot', endlessKernel(), '--memory', '132M'], { TMPDIR: temporary });
      await run.waitUntil(() => run.stderr().includes('QEMU enters') && isQemuRunning(temporary));
      run.child.kill(signal);
      expect(await run.end).toBe(signal);
      expect(joinLines(run.stderr())).toContain(`stopped by ${signal}: nothing is left of the guest`);
      expect(isQemuRunning(temporary)).toBe(false);
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  it('shows purgatory refuse what --tamper changed, and exits with 1', () => {
    const { status, stdout, stderr } = runCli('boot', WITNESS_FILE, '--tamper', 'dtb:0x40');
    expect(stdout).toMatch(/^kexec-file: dtb at 0x\w+, \d+ bytes, is not what was loaded\r$/m);
    expect(stdout).toMatch(/^kexec-file: resetting\r$/m);
    expect(stdout).not.toContain('witness');
    expect(stderr).toContain('kexec-file: the guest asked for a reset\n');
    expect(status).toBe(1);
  });

  it.each([
    [
      'a byte that no segment has',
      ['--tamper', 'dtb:0x200000'],
      1,
      /EINVAL \(tamper\)\n +seen +dtb has [\d.]+ [KM]iB \(0x[0-9a-f]+\)/,
    ],
    ['a segment that there is not', ['--tamper', 'bss:0'], 2, /initrd:0x100/],
    ['a port that is none', ['--serial', 'ttyS0'], 2, /pl011,0x9000000/],
    ['a PL011 with the layout of an 8250', ['--serial', 'pl011,0x9000000,2'], 2, /pl011,0x9000000/],
    ['checks that are and are not', ['--no-checks', '--on-mismatch', 'halt'], 2, /--on-mismatch/],
    ['a machine that QEMU cannot be', ['--machine', 'qemu-virt', '--memory', '1G'], 2, /would be ignored/],
    ['a crash kernel', ['--panic'], 2, /--panic: a crash kernel starts when another kernel crashes/],
    ['a timeout of nothing', ['--timeout', '0'], 2, /above 0/],
    ['half a CPU', ['--smp', '0.5'], 2, /whole number/],
    ['a kernel that does not load', ['--command-line', 'a'.repeat(2048)], 1, /EINVAL \(command-line\)/],
  ])('refuses %s', (_, options, exitCode, message) => {
    const { status, stdout, stderr } = runCli('boot', WITNESS_FILE, ...options);
    expect(stderr).toMatch(message);
    expect(status).toBe(exitCode);
    expect(stdout).toBe('');
  });
});
