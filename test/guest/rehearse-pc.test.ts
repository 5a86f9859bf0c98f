import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { parseReports } from '../support/json-reports.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';

const PANIC = 'Kernel panic - not syncing: sysrq triggered crash';

it('crash rehearse saves a vmcore of a PC', { timeout: GUEST_TEST_TIMEOUT }, async () => {
  const folder = makeTemporaryFolder();
  const [console, vmcore] = [join(folder, 'console'), join(folder, 'vmcore')];
  const kernel = corpus.x86CloudKernel();
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['bin/kexec-file.js', 'crash', 'rehearse', '--machine', 'qemu-q35', '--kernel', kernel],
    ...['--memory', '384M', '--smp', '1', '--crashkernel', '160M', '--busybox', corpus.x86Busybox()],
    ...['--console', console, '--vmcore', vmcore, '--json', '--timeout', '240'],
  ]);
  const [report] = parseReports(stdout);
  const log = readFileSync(console, 'utf8');
  expect(report, log).toMatchObject({
    verdict: 'ok',
    stage: 'vmcore',
    qemu: { machine: 'q35', cpu: 'qemu64', memory: '384M', cpus: 1 },
    segments: ['elfcorehdr', 'purgatory', 'boot-params', 'kernel', 'initrd'].map((name) => ({
      name,
      mem: expect.stringMatching(/^0x[0-9a-f]+$/),
    })),
    vmcore: { panic: PANIC, release: kernel.replace(/^.*vmlinuz-/, '') },
  });
  // Our purgatory has verified the segments, and entered the kernel.
  expect(log).toMatch(
    /kexec-file: purgatory: verifying by SHA-256, with SSE2\s+kexec-file: \d+ bytes verified/,
  );
  expect(log).toMatch(/kexec-file capture: saved \d+ bytes as \/dev\/nvme0n1/);
  const info = JSON.parse(runCli('vmcore', 'info', vmcore, '--json').stdout);
  expect(info).toMatchObject({ panic: PANIC, problems: [], cpus: [{ pid: 1 }] });
  expect(runCli('crash', 'lint', vmcore).status).toBe(0);
});
