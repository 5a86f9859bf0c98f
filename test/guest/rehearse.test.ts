import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatMachine } from '../../src/machine/schema.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { findExecutable } from '../support/executable.js';
import { parseReports } from '../support/json-reports.js';
import { buildMachine } from '../support/machine.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';

const GIB = 1n << 30n;
const PANIC = 'Kernel panic - not syncing: sysrq triggered crash';

/** A recorded server. */
function machineFile(folder: string): string {
  const path = join(folder, 'server.json');
  const machine = {
    ...buildMachine(),
    name: 'server',
    memory: [{ start: 32n * GIB, end: 33n * GIB }],
    possibleCpus: 1,
    commandLine:
      'BOOT_IMAGE=/vmlinuz root=/dev/sda1 console=ttyS0 crashkernel=0-512M:64M,512M-:512M greeting=hello',
  };
  writeFileSync(path, formatMachine(machine));
  return path;
}

interface Rehearsed {
  readonly status: number;
  readonly report: Record<string, unknown>;
  readonly console: string;
}

/** Runs the executable asynchronously, because it takes long. */
function rehearse(folder: string, ...options: readonly string[]): Promise<Rehearsed> {
  const console = join(folder, 'console');
  const args = ['crash', 'rehearse', '--machine', machineFile(folder), '--kernel', corpus.cloudKernel()];
  const others = ['--busybox', corpus.busybox(), '--console', console, '--json', '--timeout', '240'];
  return new Promise((resolve, reject) => {
    execFile(findExecutable(process.arch), [...args, ...others, ...options], (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr, { cause: error }));
      else {
        const status = error === null ? 0 : Number(error.code);
        const [report = {}] = parseReports(stdout);
        resolve({ status, report: { ...report }, console: readFileSync(console, 'utf8') });
      }
    });
  });
}

describe('kexec-file crash rehearse', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('saves a vmcore for a recorded machine, with its capture initrd', async () => {
    const folder = makeTemporaryFolder();
    const initrd = join(folder, 'initrd');
    const busybox = corpus.busybox();
    runCli(
      'crash',
      'initrd',
      '-o',
      initrd,
      '--busybox',
      busybox,
      '--save',
      'label=elsewhere',
      '--then',
      'shell',
    );
    const vmcore = join(folder, 'vmcore');
    const { status, report, console } = await rehearse(folder, '--initrd', initrd, '--vmcore', vmcore);
    expect(status, console).toBe(0);
    expect(report).toMatchObject({
      machine: 'server',
      verdict: 'ok',
      stage: 'vmcore',
      qemu: { machine: 'virt', cpu: 'cortex-a57', memory: '1024M', cpus: 1 },
      crashkernel: ['crashkernel=0-512M:64M,512M-:512M'],
      notes: [],
      segments: [
        { name: 'kernel', mem: expect.stringMatching(/^0x[0-9a-f]+$/) },
        ...['elfcorehdr', 'initrd', 'dtb', 'purgatory'].map((name) => ({ name, mem: expect.any(String) })),
      ],
      vmcore: { panic: PANIC, release: corpus.cloudKernel().replace(/^.*vmlinuz-/, '') },
      seconds: { boot: expect.any(Number), load: expect.any(Number), 'crash and save': expect.any(Number) },
    });
    expect(console).toMatch(
      /Kernel command line: .* root=\/dev\/sda1 greeting=hello nr_cpus=1 reset_devices/,
    );
    expect(console).toMatch(/kexec-file capture: saved \d+ bytes as \/dev\/nvme0n1/);
    expect(JSON.parse(runCli('vmcore', 'info', vmcore, '--json').stdout).panic).toBe(PANIC);
    expect(runCli('crash', 'lint', vmcore).status).toBe(0);
  });

  it('reports that nothing was reserved', async () => {
    const { status, report } = await rehearse(
      makeTemporaryFolder(),
      '--memory',
      '512M',
      '--crashkernel',
      '500M',
    );
    expect(status).toBe(1);
    expect(report).toMatchObject({
      verdict: 'failed',
      stage: 'crashkernel',
      crashkernel: ['crashkernel=500M'],
    });
    expect(report.seen).toContainEqual(expect.stringContaining('cannot allocate crashkernel'));
  });

  it('reports that the capture kernel printed nothing', async () => {
    const { status, report, console } = await rehearse(
      makeTemporaryFolder(),
      ...['--capture-kernel', 'test/witness/witness.Image'],
    );
    expect([status, report.stage]).toEqual([1, 'capture-kernel']);
    expect(report.seen).toContain('purgatory entered the capture kernel, which printed nothing');
    expect(console).toContain('witness');
  });
});
