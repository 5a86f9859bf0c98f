/** More of the executable: live.test.ts loads and starts a kernel by it, test/package/executable.debian.test.ts has its parts. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { joinLines } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { readExpectedDmesg, readReducedVmcore } from '../support/vmcore.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { buildSecondInitrd } from './second-kernel.js';

/** A dump that the tests keep. */
const DUMP = 'debian-6.12-52bit';

describe('the executable for arm64', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('verifies, loads and starts a kernel, and reads a dump', async () => {
    const { output, console } = await runGuest({
      files: {
        '/boot/vmlinuz': corpus.cloudKernel(),
        '/boot/initrd': buildSecondInitrd(Buffer.from('payload')),
        '/boot/shim': corpus.shim(),
        '/data/vmcore': readReducedVmcore(DUMP),
      },
      script: `
        command -v node
        ln -s kexec-file /usr/bin/kexec
        mount -o remount,noexec /tmp
        kexec-file version --build
        kexec --version
        kexec-file verify /boot/vmlinuz /boot/vmlinuz --keyring /boot/shim
        kexec-file doctor > /tmp/doctor; echo "doctor $?"
        kexec-file vmcore dmesg /data/vmcore | sha256sum
        kexec-file load /boot/vmlinuz --initrd /boot/initrd --keyring /boot/shim --syscall segments; echo "load $?"
        kexec-file load --initrd /boot/initrd /boot/initrd --keyring /boot/shim; echo "refused $?"
        cat /sys/kernel/kexec_loaded
        ls -A /dev/shm /run /tmp
        kexec-file exec`,
    });
    expect(output).toContain('executable for linux-arm64\n');
    const [, compiled, loaded] =
      /^(\d+) of (\d+) loaded modules were compiled in advance$/m.exec(output) ?? [];
    expect(Number(loaded)).toBeGreaterThan(5);
    expect(compiled).toBe(loaded);
    expect(output).toMatch(/^kexec-tools .*\(kexec-file .*\)$/m);
    expect(output.match(/^\/boot\/vmlinuz: ok, signed by Debian/gm)).toHaveLength(2);
    expect(output).toMatch(/^doctor [01]$/m);
    const log = Buffer.from(readExpectedDmesg(DUMP), 'latin1');
    expect(output).toContain(`${createHash('sha256').update(log).digest('hex')}  -\n`);
    expect(output).not.toContain('/node');
    expect(output).toMatch(/^load 0$/m);
    expect(output).toMatch(/^refused 1\n1$/m);
    expect(output).not.toContain('.kexec-file-');
    expect(console).toContain('payload');
  });

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
