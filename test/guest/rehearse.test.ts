import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { rehearse } from './rehearse-server.js';

const PANIC = 'Kernel panic - not syncing: sysrq triggered crash';

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
});
