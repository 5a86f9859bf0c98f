import { describe, expect, it } from 'vitest';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { compareWithKexecTools } from './linked-kexec.js';

describe('a link named kexec', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it("returns the exit codes of Debian's kexec, which sees what it loaded", async () => {
    const lines = [
      '-l -S',
      '-e',
      '-lZ /boot/little',
      '-l /boot/script',
      '-tImage --init=/boot/little -dl /boot/little --append x --append=y',
      '-l -S',
      '-l -u',
      // As kdumpctl does, with KEXEC_ARGS="-d".
      '-d -p --command-line=quiet --initrd=/boot/little /boot/little',
      '-S',
      '-l -S',
    ];
    const { output } = await runGuest({
      files: { '/boot/little': 'test/witness/witness.Image', '/boot/script': Buffer.from('#!/bin/sh\n') },
      packages: ['kexec-tools'],
      commandLine: 'crashkernel=256M',
      script: compareWithKexecTools(lines),
    });
    const [, theirs, ours] = output.split(/^== .*\n/m);
    expect(ours).toBe(theirs);
    expect(ours?.split('\n')).toEqual([
      ...lines.map((line) => expect.stringMatching(new RegExp(`^(0|1|255) ${line.replace(/[+]/g, '.')}$`))),
      '268435456',
      '0 -S',
      '',
    ]);
  });
});
