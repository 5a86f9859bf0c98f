/** A rehearsal for a PC: rehearse.test.ts has one for arm64, x86-crash.test.ts the crash of a PC and its dump. */
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { rehearsePc } from './rehearse-pc.js';

const PANIC = 'Kernel panic - not syncing: sysrq triggered crash';

it('crash rehearse saves a vmcore of a PC', { timeout: GUEST_TEST_TIMEOUT }, async () => {
  // However KASLR places the kernel, there is room for the crash region beside it.
  const { report, console, vmcore } = await rehearsePc('--memory', '512M', '--crashkernel', '160M');
  expect(report, console).toMatchObject({
    verdict: 'ok',
    stage: 'vmcore',
    qemu: { machine: 'q35', cpu: 'qemu64', memory: '512M', cpus: 1 },
    segments: ['elfcorehdr', 'purgatory', 'boot-params', 'kernel', 'initrd'].map((name) => ({
      name,
      mem: expect.stringMatching(/^0x[0-9a-f]+$/),
    })),
    vmcore: { panic: PANIC, release: corpus.x86CloudKernel().replace(/^.*vmlinuz-/, '') },
  });
  // Our purgatory has verified the segments, and entered the kernel.
  expect(console).toMatch(
    /kexec-file: purgatory: verifying by SHA-256, with SSE2\s+kexec-file: \d+ bytes verified/,
  );
  expect(console).toMatch(/Kernel command line: .* nr_cpus=1 reset_devices .* mce=off numa=off/);
  expect(console).toMatch(/kexec-file capture: saved \d+ bytes as \/dev\/nvme0n1/);
  const info = JSON.parse(runCli('vmcore', 'info', vmcore, '--json').stdout);
  expect(info).toMatchObject({ panic: PANIC, problems: [], cpus: [{ pid: 1 }] });
  expect(runCli('crash', 'lint', vmcore).status).toBe(0);
});
