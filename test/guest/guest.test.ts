import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { secondKernel } from './second-kernel.js';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe("a guest with Debian's kernel", { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('runs Node, koffi and our command, has the files, and reports the exit status', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const run = await runGuest({
      program: 'node',
      files: {
        '/data/bytes': bytes,
        '/data/package.json': 'package.json',
        '/data/library.mjs': Buffer.from(`
          import koffi from '/usr/lib/node_modules/kexec-file/node_modules/koffi/index.js';
          console.log(koffi.load('libc.so.6').func('int getppid()')() === process.ppid);
        `),
      },
      script: `
        node --version
        kexec-file --version
        node /data/library.mjs
        sha256sum /data/bytes
        grep '"name"' /data/package.json
        dmesg -n 8
        echo 'a message of the kernel' > /dev/kmsg
        id -u
        su nobody -c 'id -u'
        echo last words >&2
        exit 7`,
    });
    expect(run.output.split('\n')).toEqual([
      expect.stringMatching(/^v20\.19\./),
      '0.1.0',
      'true',
      `${sha256(bytes)}  /data/bytes`,
      '  "name": "kexec-file",',
      '0',
      '65534',
      'last words',
      '',
    ]);
    expect(run.console).toContain('a message of the kernel');
    expect(run.status).toBe(7);
  });

  it('is stopped at its time limit', async () => {
    const running = runGuest({ timeout: 3000, script: 'sleep 1000' });
    await expect(running).rejects.toThrow('still running after 3000 ms');
  });

  it('reports what QEMU prints about options that it refuses', async () => {
    await expect(runGuest({ script: '', cpu: 'nonesuch' })).rejects.toThrow(/QEMU ended with 1: .*nonesuch/);
  });
});

describe('secondKernel', () => {
  it('is undefined unless the kernel reported everything', () => {
    const told = 'second kernel: begin\r\nsecond kernel: command-line a b\r\n';
    expect(secondKernel('')).toBeUndefined();
    expect(secondKernel(told)).toBeUndefined();
    expect(secondKernel(`${told}second kernel: end\r\n`)).toMatchObject({ commandLine: 'a b' });
  });
});
