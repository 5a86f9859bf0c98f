import { describe, expect, it } from 'vitest';
import { judgeCrash, takeLastLines } from '../../../src/crash/rehearsal/outcome.js';

const PANIC = '[   10.1] Kernel panic - not syncing: sysrq triggered crash\r\n[   10.2] Bye!\r\n';
const PURGATORY = 'kexec-file: purgatory at EL1: verifying by SHA-256\r\n';
const X86_PURGATORY = 'kexec-file: purgatory: verifying by SHA-256, with AVX2\r\n';
const BOOTING = '[    0.0] Booting Linux on physical CPU 0x0000000000\r\n';
const END = 'the guest powered off';

const capture = (...lines: string[]): string =>
  lines.map((line) => `kexec-file capture: ${line}\r\n`).join('');
const outcome = (...console: string[]) => judgeCrash(console.join(''), END);

describe('judgeCrash', () => {
  it('finds the size of a saved dump', () => {
    expect(outcome(PANIC, PURGATORY, capture('a dump of 1 MiB', 'saved 4096 bytes as /dev/nvme0n1'))).toEqual(
      {
        saved: 4096n,
      },
    );
  });

  it.each([
    ['panic', 'no panic', ['[    9.0] sysrq: disabled\r\n'], '[    9.0] sysrq: disabled'],
    [
      'capture-kernel',
      'nothing after it',
      [PANIC],
      'the kernel panicked, and nothing that was loaded printed anything',
    ],
    [
      'capture-kernel',
      'only purgatory',
      [PANIC, PURGATORY],
      'purgatory entered the capture kernel, which printed nothing',
    ],
    [
      'capture-kernel',
      'only purgatory of x86_64',
      [PANIC, X86_PURGATORY],
      'purgatory entered the capture kernel, which printed nothing',
    ],
    ['capture-kernel', 'no init', [PANIC, BOOTING], 'the capture kernel started, but did not run its init'],
    [
      'dump',
      'no /proc/vmcore',
      [PANIC, capture('there is no /proc/vmcore: x', 'nothing was saved')],
      'there is no /proc/vmcore: x',
    ],
    [
      'save',
      'no disk',
      [PANIC, capture('a dump of 1 MiB', 'there is no disk /dev/vda')],
      'there is no disk /dev/vda',
    ],
  ])('finds stage %s: %s', (stage, _, console, seen) => {
    expect(outcome(...console)).toEqual({ stage, seen: expect.arrayContaining([seen]) });
  });
});

describe('takeLastLines', () => {
  it('leaves out empty lines', () => {
    expect(takeLastLines('a\r\n\r\nb\n  \nc')).toEqual(['a', 'b', 'c']);
    expect(takeLastLines('')).toEqual([]);
  });
});
