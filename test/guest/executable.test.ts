/** The executable for arm64 on a machine without Node. */
import { describe, expect, it } from 'vitest';
import { joinLines } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';

describe('the executable for arm64', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('says of every folder why it cannot contain the library for system calls', async () => {
    const { output } = await runGuest({
      files: { '/boot/vmlinuz': corpus.cloudKernel() },
      script: `
        mkdir -p /dev/shm /var/tmp
        mount -t tmpfs -o size=64k tmpfs /dev/shm
        mount -t tmpfs -o ro tmpfs /run
        mount -o remount,noexec /tmp
        mount -o remount,ro /
        kexec-file load /boot/vmlinuz --policy permissive --command-line x; echo "load $?"
        cat /sys/kernel/kexec_loaded
        ls -A /dev/shm /run /tmp`,
    });
    expect(output).toMatch(/^refused: ENOSYS \(live-platform\)$/m);
    const seen = joinLines(output.slice(output.indexOf('refused: ')));
    expect(seen).toContain(
      'koffi cannot be loaded: no folder can contain its library: /dev/shm: ENOSPC: no space left on device; ' +
        '/run: EROFS: read-only file system; /tmp: EACCES: mounted with noexec; ' +
        '/var/tmp: EROFS: read-only file system; /: EROFS: read-only file system rule ',
    );
    expect(seen).toMatch(/cure remount one of these folders .*load 1 0 /);
    expect(output).not.toContain('.kexec-file-');
  });
});
