import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildDemoInitrd } from '../../scripts/demo/initrd.mjs';
import { buildCpio } from '../../src/formats/cpio.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';

/** The time limit of an emulated boot of Debian's kernel, in seconds; it takes 3 to 10. */
const PATIENCE = 120;
const GREETING = 'Hello from the second kernel';

/** The demo's initrd as a file, and its digest. */
function demoInitrd(busybox = corpus.busybox()): { path: string; sha256: string } {
  const initrd = buildDemoInitrd(busybox, buildCpio);
  const path = join(makeTemporaryFolder(), 'initrd.cpio');
  writeFileSync(path, initrd);
  return { path, sha256: createHash('sha256').update(initrd).digest('hex') };
}

describe("Debian's signed cloud kernel, through our purgatory", { timeout: (PATIENCE + 10) * 1000 }, () => {
  const commandLine = 'console=ttyAMA0 quiet retain_initrd greeting=hello';

  it.each(['1', '2'])('boots at EL%s to an initrd that finds its command line and its own bytes', (el) => {
    const { path, sha256 } = demoInitrd();
    const options = [
      '--initrd',
      path,
      '--command-line',
      commandLine,
      '--timeout',
      String(PATIENCE),
      '--el',
      el,
    ];
    const { status, stdout } = runCli('boot', corpus.cloudKernel(), ...options);
    expect(stdout).toContain(`command line: ${commandLine}\r\n`);
    expect(stdout).toContain(`initrd:       sha256 ${sha256}\r\n`);
    expect(stdout).toContain(': System RAM\r\n');
    expect(stdout).toContain(GREETING);
    expect(status).toBe(0);
  });

  it('boots from the ELF file by the command line of the README', () => {
    const { path, sha256 } = demoInitrd();
    const elf = join(makeTemporaryFolder(), 'out.elf');
    const options = ['--initrd', path, '--command-line', commandLine, '--machine', 'qemu-virt', '--elf', elf];
    expect(runCli('plan', corpus.cloudKernel(), ...options).status).toBe(0);
    const { stdout, stderr } = spawnSync(
      'qemu-system-aarch64',
      [
        '-M',
        'virt',
        '-cpu',
        'cortex-a57',
        '-m',
        '2G',
        '-nographic',
        '-device',
        `loader,file=${elf},cpu-num=0`,
      ],
      { encoding: 'utf8', timeout: PATIENCE * 1000, killSignal: 'SIGKILL', input: '' },
    );
    expect(stderr).toBe('');
    expect(stdout).toContain(sha256);
    expect(stdout).toContain(GREETING);
  });

  it('boots on x86_64 to the same initrd', () => {
    const { path, sha256 } = demoInitrd(corpus.x86Busybox());
    const x86CommandLine = commandLine.replace('ttyAMA0', 'ttyS0');
    const options = ['--machine', 'qemu-q35', '--initrd', path, '--timeout', String(PATIENCE)];
    const { status, stdout } = runCli(
      'boot',
      corpus.x86CloudKernel(),
      ...options,
      '--command-line',
      x86CommandLine,
    );
    expect(stdout).toContain(`command line: ${x86CommandLine}\r\n`);
    expect(stdout).toContain(`initrd:       sha256 ${sha256}\r\n`);
    expect(stdout).toContain(': System RAM\r\n');
    expect(stdout).toContain(GREETING);
    expect(status).toBe(0);
  });
});
