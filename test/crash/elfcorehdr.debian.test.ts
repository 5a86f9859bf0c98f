import { describe, expect, it } from 'vitest';
import { buildElfcorehdr } from '../../src/kexec/build-elfcorehdr.js';
import { runReadelf } from '../support/binutils.js';
import { buildCrashMachine } from '../support/crash.js';

describe('buildElfcorehdr', () => {
  it('is what readelf reads without a complaint', () => {
    // Without the notes: these are in the memory of the machine.
    const text = runReadelf(buildElfcorehdr(buildCrashMachine()), '-hlW');
    expect(text).not.toMatch(/warning|error/i);
    expect(text).toMatch(/Type:\s+CORE/);
    expect(text).toMatch(/Machine:\s+AArch64/);
    const headers = [...text.matchAll(/^ +(NOTE|LOAD) +(.*?) *$/gm)].map(([, type, columns]) =>
      [type, ...(columns?.split(/ +/) ?? [])].join(' '),
    );
    expect(headers).toEqual([
      'NOTE 0x7ff00000 0x0000000000000000 0x000000007ff00000 0x0001a8 0x0001a8 0',
      'NOTE 0x7ff01000 0x0000000000000000 0x000000007ff01000 0x0001a8 0x0001a8 0',
      'NOTE 0x41530000 0x0000000000000000 0x0000000041530000 0x001024 0x001024 0',
      'LOAD 0x40200000 0xffff800080000000 0x0000000040200000 0xea0000 0xea0000 RWE 0',
      'LOAD 0x40000000 0xffff000000000000 0x0000000040000000 0x20000000 0x20000000 RWE 0',
      'LOAD 0x70000000 0xffff000030000000 0x0000000070000000 0x10000000 0x10000000 RWE 0',
    ]);
  });
});
