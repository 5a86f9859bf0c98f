/** More of what guests are: crash.test.ts boots such a kernel at EL2, live.test.ts starts a second one. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';

describe("a guest with Debian's kernel", { timeout: GUEST_TEST_TIMEOUT }, () => {
  it.each(['cloud-6.1', 'standard-6.1'] as const)(
    'boots %s at EL2, with what is asked for',
    async (kernel) => {
      const { output, status } = await runGuest({
        kernel,
        el: 2,
        cpus: 1,
        memory: '1G',
        commandLine: 'crashkernel=128M',
        script: 'uname -r; nproc; cat /sys/kernel/kexec_crash_size; dmesg | grep -o "started at EL2"',
      });
      const release = corpus.kernel(kernel).match(/vmlinuz-(.*)/)?.[1];
      expect(output).toBe(`${release}\n1\n${128 << 20}\nstarted at EL2\n`);
      expect(status).toBe(0);
    },
  );

  it('starts a second kernel by kexec-tools, which reports what it was given', async () => {
    const payload = Buffer.from('what the second kernel is to find');
    const { console, status, output } = await runGuest({
      packages: ['kexec-tools'],
      files: { '/boot/vmlinuz': corpus.cloudKernel(), '/boot/initrd': buildSecondInitrd(payload) },
      commandLine: 'greeting=hello',
      script: `
        kexec -l /boot/vmlinuz --initrd=/boot/initrd --reuse-cmdline &&
        cat /sys/kernel/kexec_loaded &&
        kexec -e`,
    });
    expect(output).toBe('1\n');
    expect(status).toBeUndefined();
    const second = secondKernel(console);
    expect(second?.commandLine).toContain('greeting=hello');
    expect(Buffer.from(second?.chosen.get('bootargs') ?? []).toString()).toContain(second?.commandLine);
    expect(second?.sha256.get(PAYLOAD)).toBe(createHash('sha256').update(payload).digest('hex'));
    expect(second?.sha256.get('/sys/firmware/fdt')).toMatch(/^[0-9a-f]{64}$/);
  });
});
