/** The commands with a kernel for x86_64, and a machine of x86_64 that was recorded in a guest. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { extractVmlinux } from '../../src/kernel-file/extract-vmlinux.js';
import { formatMachine } from '../../src/machine/schema.js';
import { findKernelPurgatory } from '../../src/machine/x86-64/kernel-purgatory.js';
import type { X86Facts } from '../../src/machine/x86-64/x86-machine.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { buildImage } from '../support/image.js';
import { buildUki } from '../support/kernel-files.js';
import { makeSigningKeys } from '../support/signing.js';
import { recordX86, type X86Recording } from '../support/x86-machine.js';

const KERNEL = corpus.x86CloudKernel();

let purgatory: X86Facts['purgatory'];
beforeAll(async () => {
  const vmlinux = await extractVmlinux(new Uint8Array(readFileSync(KERNEL)), nodeDecompress);
  purgatory = findKernelPurgatory(vmlinux);
});

/** Writes the machine file of a recording. @returns its path */
function writeMachine(folder: string, name: X86Recording, withPurgatory = true): string {
  const machine = recordX86(name);
  const path = join(folder, `${name}.json`);
  const { purgatory: _, ...x86 } = machine.x86;
  const whole = withPurgatory && purgatory !== undefined ? { ...x86, purgatory } : x86;
  writeFileSync(path, formatMachine({ ...machine, x86: whole }));
  return path;
}

/** An initrd: an archive with one empty file would do; the kernel does not look at it. */
function writeInitrd(folder: string): string {
  const path = join(folder, 'initrd');
  writeFileSync(path, readFileSync(KERNEL).subarray(0, 3_000_000));
  return path;
}

describe('plan', () => {
  it.each<[X86Recording, bigint]>([
    ['x86-64-seabios', 0x7fff_ffffn],
    ['x86-64-ovmf', 0x1_bfff_ffffn],
  ])('%s: every segment at the top of RAM, and a block that fits it', (name, top) => {
    const folder = makeTemporaryFolder();
    const machine = writeMachine(folder, name);
    const { status, stdout, stderr } = runCli(
      ...['plan', KERNEL, '--initrd', writeInitrd(folder), '--command-line', 'console=ttyS0'],
      ...['--machine', machine, '--json'],
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { segments, entry } = JSON.parse(stdout);
    const names = segments.map((segment: { name: string }) => segment.name);
    expect(names).toEqual(['purgatory', 'boot-params', 'kernel', 'initrd']);
    const [own] = segments;
    expect(BigInt(own.mem)).toBeGreaterThan(top - 0x100_0000n);
    expect(BigInt(entry) - BigInt(own.mem)).toBeLessThan(0x4000n);
  });

  it('of a crash kernel', () => {
    const machine = writeMachine(makeTemporaryFolder(), 'x86-64-seabios');
    const { status, stdout } = runCli('plan', KERNEL, '--panic', '--machine', machine, '--json');
    expect(status).toBe(0);
    const { segments } = JSON.parse(stdout);
    expect(segments[0]).toMatchObject({ name: 'elfcorehdr', memsz: '0xe1000' });
  });

  it.each<[string, (kernel: Uint8Array) => Uint8Array, string]>([
    ['gzip', (kernel) => new Uint8Array(gzipSync(kernel, { level: 1 })), 'compressed-data'],
    [
      'a UKI',
      (kernel) =>
        buildUki(corpus.stub(), { '.linux': kernel, '.cmdline': new TextEncoder().encode('quiet') }),
      'uki',
    ],
  ])('takes the bzImage out of %s', (_, wrap, check) => {
    const folder = makeTemporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, wrap(new Uint8Array(readFileSync(KERNEL))));
    const machine = writeMachine(folder, 'x86-64-seabios');
    const { status, stdout } = runCli('plan', file, '--machine', machine, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).trail[0]).toMatchObject({ check, verdict: 'ok' });
  });

  it('prints the same as text', () => {
    const machine = writeMachine(makeTemporaryFolder(), 'x86-64-seabios');
    const { status, stdout } = runCli('plan', KERNEL, '--command-line', 'quiet', '--machine', machine);
    expect(status).toBe(0);
    expect(joinLines(stdout)).toMatch(/boot-params/);
  });

  it('without the size of purgatory is refused by name', () => {
    const machine = writeMachine(makeTemporaryFolder(), 'x86-64-seabios', false);
    const { status, stdout } = runCli('plan', KERNEL, '--machine', machine, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout).refusal).toMatchObject({ check: 'running-purgatory', errno: 'ENODATA' });
  });

  it('of a kernel for arm64 gives one reason', () => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'Image'), buildImage());
    const machine = writeMachine(folder, 'x86-64-seabios');
    const { status, stdout } = runCli('plan', join(folder, 'Image'), '--machine', machine, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout).refusal).toMatchObject({ check: 'bzimage-header', errno: 'ENOEXEC' });
  });
});

it('doctor finds no fault in a bzImage', () => {
  const machine = writeMachine(makeTemporaryFolder(), 'x86-64-seabios');
  const { stdout } = runCli('doctor', KERNEL, '--machine', machine, '--json');
  const { findings } = JSON.parse(stdout);
  expect(findings.filter(({ topic }: { topic: string }) => topic === 'image')).toEqual([]);
});

it('explain names each step', () => {
  const machine = writeMachine(makeTemporaryFolder(), 'x86-64-ovmf');
  const { status, stdout } = runCli('explain', KERNEL, '--machine', machine);
  expect(status).toBe(0);
  expect(joinLines(stdout)).toMatch(/bzImage of boot protocol 2\.15/);
});

it('preflight counts a kernel of the other architecture as one reason', () => {
  const folder = makeTemporaryFolder();
  const machines = [writeMachine(folder, 'x86-64-seabios'), writeMachine(folder, 'x86-64-ovmf')];
  const good = runCli('preflight', KERNEL, ...machines, '--json');
  expect(good.status).toBe(0);
  writeFileSync(join(folder, 'Image'), buildImage());
  const bad = runCli('preflight', join(folder, 'Image'), ...machines, '--json');
  expect(bad.status).toBe(1);
  expect(bad.stdout).toMatch(/bzimage-header/);
});

it("verify trusts Debian's kernel with the CA out of Debian's shim", () => {
  const { status, stdout } = runCli('verify', KERNEL, '--keyring', corpus.shim(), '--json');
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'ok' });
  expect(status).toBe(0);
});

it('as-kernel asks for the option of the architecture', () => {
  const folder = makeTemporaryFolder();
  const plan = (config: Record<string, string>): string => {
    const machine = recordX86('x86-64-seabios');
    const path = join(folder, 'machine.json');
    const kernel = { ...machine.kernel, config };
    const x86 = { ...machine.x86, ...(purgatory === undefined ? {} : { purgatory }) };
    writeFileSync(path, formatMachine({ ...machine, kernel, kexecSignature: 'force', x86 }));
    const options = [
      '--policy',
      'as-kernel',
      '--keyring',
      `platform:${corpus.shim()}`,
      '--machine',
      path,
      '--json',
    ];
    const { stdout } = runCli('plan', KERNEL, ...options);
    return JSON.parse(stdout).refusal?.check ?? 'loads';
  };
  const config = { KEXEC_FILE: 'y', KEXEC_SIG: 'y', KEXEC_SIG_FORCE: 'y' };
  expect(plan({ ...config, KEXEC_BZIMAGE_VERIFY_SIG: 'y', INTEGRITY_PLATFORM_KEYRING: 'y' })).toBe('loads');
  expect(plan({ ...config, KEXEC_IMAGE_VERIFY_SIG: 'y' })).toBe('running-verify');
});

describe('sign', () => {
  const { folder, rsa } = makeSigningKeys();

  it('signs a bzImage, which then loads by the new certificate', () => {
    const [signed, machine] = [join(folder, 'signed'), writeMachine(folder, 'x86-64-seabios')];
    const key = ['--key', rsa.keyPath, '--cert', rsa.certificatePath];
    expect(runCli('sign', KERNEL, ...key, '--output', signed).status).toBe(0);
    const options = ['--cert', rsa.certificatePath, '--machine', machine, '--json'];
    expect(runCli('verify', signed, '--cert', rsa.certificatePath).status).toBe(0);
    expect(runCli('plan', signed, ...options).status).toBe(0);
    expect(JSON.parse(runCli('plan', KERNEL, ...options).stdout).refusal.errno).toBe('ENOKEY');
  });
});
