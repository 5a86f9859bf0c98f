/**
 * What a refusal advises fits the case: input or output, initrd or none, window or crash region, QEMU or its options.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatMachine } from '../../src/machine/schema.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildCrashMachine } from '../support/crash.js';

const WITNESS = 'test/witness/witness.Image';

/** The advice of a refused plan. */
function adviceOf(...args: readonly string[]): { check: string; cure: string } {
  const { status, stderr } = runCli('plan', ...args);
  expect(status).toBe(1);
  const [, check = ''] = /^(?:refused:| ) E\w+ \(([\w-]+)\)$/m.exec(stderr) ?? [];
  const [, cure = ''] =
    /^ {2}cure {2}(.*)$/m.exec(stderr) ?? /\(file-access\)\n {2}(.*)$/m.exec(stderr) ?? [];
  return { check, cure };
}

function makeFile(size: number): string {
  const path = join(makeTemporaryFolder(), 'file');
  writeFileSync(path, '');
  truncateSync(path, size);
  return path;
}

describe('the cure of a load', () => {
  it('names an initrd only if there is one', () => {
    const narrow = ['--mem-max', '0x400fffff'];
    const alone = adviceOf(WITNESS, ...narrow);
    expect(alone.check).toBe('segment-hole');
    expect(alone.cure).toMatch(/^leave out --mem-min and --mem-max/);
    expect(alone.cure).not.toMatch(/initrd|crash/);
    const both = adviceOf(WITNESS, '--initrd', makeFile(64 << 20), '--mem-max', '0x42ffffff');
    expect(both.check).toBe('segment-hole');
    expect(both.cure).toMatch(/, or load a smaller initrd$/);
  });

  it('names the largest segment if all take too much', () => {
    const { check, cure } = adviceOf(WITNESS, '--initrd', makeFile(1100 * 2 ** 20));
    expect({ check, cure }).toEqual({
      check: 'segment-total',
      cure: 'load a smaller initrd, or use a machine with more RAM',
    });
  });

  it('names the crash region for a crash kernel', () => {
    const machine = join(makeTemporaryFolder(), 'small.json');
    const small = { start: 0x5000_0000n, end: 0x5010_0000n };
    writeFileSync(
      machine,
      formatMachine(buildCrashMachine({ crashRegion: { high: small }, reserved: [small] })),
    );
    const { check, cure } = adviceOf(WITNESS, '--panic', '--machine', machine, '--initrd', makeFile(1 << 20));
    expect(check).toBe('segment-hole');
    expect(cure).toMatch(/^reserve a larger crash region with crashkernel=/);
    expect(cure).not.toMatch(/sysrq|--mem-m/);
  });

  it('tells an empty file from one that is too large', () => {
    expect(adviceOf(makeFile(0)).cure).toMatch(/failed leaves an empty file/);
    const { check, cure } = adviceOf(makeFile(2 ** 32 + 1));
    expect(check).toBe('file-size');
    expect(cure).toMatch(/disk image or a dump/);
    expect(cure).not.toMatch(/empty/);
  });

  it('tells a missing input from an output', () => {
    expect(adviceOf('nofile')).toEqual({ check: 'file-access', cure: 'check the name' });
    expect(adviceOf('').cure).toMatch(/^give a name; in a script/);
    const folder = makeTemporaryFolder();
    expect(adviceOf(folder).cure).toBe('give a file, not a folder');
    expect(adviceOf(WITNESS, '--machine', folder).cure).toContain(`machine record --from ${folder}`);
  });

  it('tells an output that exists from one that is an input', () => {
    const output = makeFile(1);
    expect(adviceOf(WITNESS, '--svg', output).cure).toBe('give the output another name, or give --force');
    expect(adviceOf(WITNESS, '--svg', WITNESS, '--force').cure).toMatch(/an input is never replaced$/);
    expect(adviceOf(WITNESS, '--svg', `${output}2`, '--elf', `${output}2`).cure).toBe(
      'give each a file of its own',
    );
    expect(adviceOf(WITNESS, '--svg', '').cure).toMatch(/^give a name; in a script/);
    expect(adviceOf(WITNESS, '--svg', join(output, 'x')).cure).not.toContain('input');
  });

  it('knows a folder where a dump is expected, and no errno in the name of a file', () => {
    const { refusal } = JSON.parse(runCli('vmcore', 'info', makeTemporaryFolder(), '--json').stdout);
    expect(refusal).toMatchObject({ errno: 'EISDIR', cure: 'give a file, not a folder' });
    expect(runCli('explain', 'nofile').stderr).not.toContain('EMFILE');
  });

  it('says which end of a window is wrong', () => {
    expect(adviceOf(WITNESS, '--mem-min', '0x50000000', '--mem-max', '0x40000000').cure).toMatch(
      /^give --mem-min the lower address/,
    );
  });

  it('shortens a command line that is too long, and nothing else', () => {
    expect(adviceOf(WITNESS, '--command-line', 'x'.repeat(2048)).cure).toBe(
      'shorten it to at most 2047 bytes',
    );
  });
});

describe('the cure of QEMU', () => {
  /** A program that answers as QEMU does if it does not know the CPU. */
  function bootWith(output: string, ...args: readonly string[]): string {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, 'bin'));
    const qemu = join(folder, 'bin/qemu-system-aarch64');
    writeFileSync(qemu, `#!/bin/sh\necho "${output}" >&2\nexit 1\n`);
    chmodSync(qemu, 0o755);
    const env = { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` };
    const command = ['bin/kexec-file.js', 'boot', WITNESS, ...args];
    return spawnSync(process.execPath, command, { encoding: 'utf8', env }).stderr;
  }

  it('lists the CPU models if one is unknown, and does not install QEMU', () => {
    const stderr = bootWith("qemu-system-aarch64: unable to find CPU model 'nosuch'", '--cpu', 'nosuch');
    expect(stderr).toMatch(/cure.*-cpu help lists them/);
    expect(stderr).not.toMatch(/cure.*(install|timeout)/);
  });

  it('names the option for a size that is none', () => {
    const { status, stderr } = runCli('boot', WITNESS, '--memory', '5X');
    expect(status).toBe(1);
    expect(stderr).toMatch(/cure {2}give --memory a number of MiB, or one with K, M, G or T/);
    expect(stderr).not.toMatch(/record the machine/);
  });
});

describe('crash lint', () => {
  it.each([
    ['KDUMP   ', 'a compressed dump'],
    ['makedumpfile', 'a flattened dump'],
  ])('names a dump that begins with %j', (signature, name) => {
    const path = join(makeTemporaryFolder(), 'vmcore');
    writeFileSync(path, Buffer.concat([Buffer.from(signature), Buffer.alloc(8192)]));
    const { status, stderr } = runCli('crash', 'lint', path);
    expect(status).toBe(1);
    expect(stderr).toContain(`the file is ${name} of makedumpfile, not an ELF core`);
    expect(stderr).toContain('kexec-file vmcore info reads it');
  });
});
