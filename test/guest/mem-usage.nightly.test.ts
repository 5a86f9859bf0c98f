/** A running kernel: test/cli/drop-ins/makedumpfile/makedumpfile.test.ts counts the pages of a dump. */
import { describe, expect, it } from 'vitest';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';

/** The pages of a type, in the table of --mem-usage. */
function findPages(table: string, type: string): number {
  return Number(new RegExp(`^${type}\\s+(\\d+)`, 'm').exec(table)?.[1]);
}

describe('makedumpfile --mem-usage /proc/kcore', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it("counts the running kernel's pages as makedumpfile does", async () => {
    // makedumpfile of Debian 12 reads kernels with 48 bits of addresses.
    const { output, status } = await runGuest({
      kernel: 'cloud-6.1',
      program: 'node',
      commandLine: 'crashkernel=256M',
      packages: ['makedumpfile'],
      script: `
        mkdir /ours
        ln -s "$(readlink -f "$(command -v kexec-file)")" /ours/makedumpfile
        mount -t tmpfs tmpfs /mnt
        dd if=/dev/zero bs=1M count=64 2>/dev/null | tr '\\0' x >/mnt/file
        echo == theirs
        makedumpfile --message-level 2 --mem-usage /proc/kcore
        echo == ours
        /ours/makedumpfile --message-level 6 --mem-usage /proc/kcore`,
    });
    const [, theirs = '', ours = ''] = output.split(/^== .*$/m);
    expect({ status, output }).toMatchObject({ status: 0 });
    for (const type of ['ZERO', 'NON_PRI_CACHE', 'PRI_CACHE', 'USER', 'FREE', 'KERN_DATA'])
      expect([type, findPages(ours, type)]).toEqual([type, expect.any(Number)]);
    expect(findPages(ours, 'Total pages on system:')).toBeGreaterThan(400_000);
    // Node itself takes pages between the two.
    const near = (type: string): void => {
      const [a, b] = [findPages(theirs, type), findPages(ours, type)];
      expect([type, Math.abs(a - b) < 0.1 * a + 30_000]).toEqual([type, true]);
    };
    for (const type of ['FREE', 'NON_PRI_CACHE', 'USER', 'KERN_DATA']) near(type);
    expect(theirs).toContain('Total pages on system');
  });
});
