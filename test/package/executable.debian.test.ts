/** The executable for this machine: what differs from the package that Node runs. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/commands.js';
import { decompressZstd } from '../../src/formats/compression/zstd.js';
import { parseZboot } from '../../src/formats/zboot.js';
import { type CliRun, joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildImage, buildStubImage } from '../support/image.js';
import { PACKS } from '../support/kdump.js';
import { buildZboot, ZBOOT_NAMES } from '../support/kernel-files.js';
import { makeSigningKeys } from '../support/signing.js';
import { readExpectedDmesg, readReducedVmcore } from '../support/vmcore.js';

const EXECUTABLE = resolve(`build/executable/kexec-file-linux-${process.arch}`);
const SIGNED = 'test/cases/field/01-verify-nobody-is-trusted/signed-by-a.efi';
const CERTIFICATE = 'test/cases/field/01-verify-nobody-is-trusted/a.pem';
/** A dump that the tests keep. */
const DUMP = 'debian-6.12-52bit';

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): CliRun {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

const runExecutable = (...args: readonly string[]): CliRun => run(EXECUTABLE, args);

describe('the executable', () => {
  it('names its version, platform and Node', () => {
    expect(runExecutable('--version').stdout).toMatch(
      /^\d+\.\d+\.\d+ \(executable for linux-\w+, (commit \w+\+?, )?Node v24\.\d+\.\d+\)\n$/,
    );
  });

  it('uses the code that was compiled in advance, for every module', () => {
    const { stdout } = runExecutable('version', '--build');
    const [, compiled, loaded] =
      /^(\d+) of (\d+) loaded modules were compiled in advance$/m.exec(stdout) ?? [];
    expect(Number(loaded)).toBeGreaterThan(5);
    expect(compiled).toBe(loaded);
  });

  it.each(['Apache License', 'Node.js', 'koffi', 'commander', 'zod'])('has the licence of %s', (name) => {
    expect(runExecutable('version', '--licenses').stdout).toContain(name);
  });

  it.each(Object.keys(COMMANDS))('has the command %s, with the help of the package', (command) => {
    expect(runExecutable('help', command)).toEqual(runCli('help', command));
  });

  it.each([[[]], [['--help']], [['-h']], [['plan', '--nonsense']], [['nonsense']]])(
    'answers %j as the package does',
    (args) => {
      expect(runExecutable(...args)).toEqual(runCli(...args));
    },
  );

  it('plans as the package does', () => {
    const kernel = join(makeTemporaryFolder(), 'vmlinuz');
    writeFileSync(kernel, buildImage());
    const args = ['plan', kernel, '--machine', 'qemu-virt', '--json'];
    const ours = runExecutable(...args);
    expect(ours.status).toBe(0);
    expect(Object.keys(JSON.parse(ours.stdout))).toEqual(Object.keys(JSON.parse(runCli(...args).stdout)));
  });

  it('verifies many files, in threads', () => {
    const files = Array.from({ length: 20 }, () => SIGNED);
    const ours = runExecutable('verify', ...files, '--cert', CERTIFICATE);
    expect(ours).toEqual(runCli('verify', ...files, '--cert', CERTIFICATE));
    expect(ours.status).toBe(0);
  });

  it('plans for a fleet, in threads', () => {
    const folder = makeTemporaryFolder();
    const kernel = join(folder, 'vmlinuz');
    writeFileSync(kernel, buildImage());
    const machine = readFileSync('test/cases/attack/14-qemu-option-injection/j-qemu2.json');
    mkdirSync(join(folder, 'fleet'));
    for (let index = 0; index < 100; index += 1)
      writeFileSync(join(folder, 'fleet', `m${index}.json`), machine);
    const args = ['preflight', kernel, join(folder, 'fleet')];
    expect(runExecutable(...args)).toEqual(runCli(...args));
  });

  it('loads koffi from a file that has no name any more', () => {
    const module = '/nonexistent/module.so';
    const uri = `pkcs11:token=t;object=o?module-path=${module}`;
    const { status, stderr } = runExecutable(
      'sign',
      SIGNED,
      '--key',
      uri,
      '--cert',
      CERTIFICATE,
      '-o',
      '/dev/null',
    );
    expect(status).toBe(1);
    expect(stderr).toContain(module);
    expect(stderr).not.toContain('koffi cannot be loaded');
  });

  it('saves a dump with zstd, which the package reads', () => {
    const folder = makeTemporaryFolder();
    const [input, output] = [join(folder, 'vmcore'), join(folder, 'copy')];
    writeFileSync(input, readReducedVmcore(DUMP));
    const saved = runExecutable('vmcore', 'save', input, '-o', output, '--compress', 'zstd');
    expect(saved).toMatchObject({ status: 0 });
    expect(statSync(output).size).toBeLessThan(statSync(input).size);
    expect(runCli('vmcore', 'dmesg', output).stdout).toBe(readExpectedDmesg(DUMP));
  });

  it('signs the kernel in a zboot image with zstd, and the image', () => {
    const { folder, rsa } = makeSigningKeys();
    const [file, signed] = [join(folder, 'zboot'), join(folder, 'signed')];
    const image = buildStubImage();
    // One block that is not compressed leaves room for the signature.
    const payload = PACKS.zstd(image).bytes;
    writeFileSync(file, buildZboot(payload, ZBOOT_NAMES.zstd, image.length));
    const key = ['--key', rsa.keyPath, '--cert', rsa.certificatePath];
    const { status, stderr } = runExecutable('sign', file, '--inner', ...key, '-o', signed);
    expect([status, joinLines(stderr)]).toEqual([0, expect.stringContaining('Image, zboot image signed by')]);
    expect(runCli('verify', signed, '--cert', rsa.certificatePath).status).toBe(0);
    const kernel = join(folder, 'kernel');
    const packed = parseZboot(readFileSync(signed)).payload;
    writeFileSync(kernel, decompressZstd(packed, { limit: 1 << 20, atLimit: 'refuse' }));
    expect(runCli('verify', kernel, '--cert', rsa.certificatePath).status).toBe(0);
  });

  it('ignores NODE_OPTIONS', () => {
    const folder = makeTemporaryFolder();
    const script = join(folder, 'script.cjs');
    writeFileSync(script, 'process.stdout.write("not ours\\n")');
    const { status, stdout } = run(EXECUTABLE, ['--version'], { NODE_OPTIONS: `--require=${script}` });
    expect([status, stdout]).toEqual([0, runExecutable('--version').stdout]);
  });

  it('has the same bytes in every build', () => {
    const [first, second] = [1, 2].map(() => {
      const args = ['packaging/executable/build.mjs', '--cpu', process.arch];
      expect(run(process.execPath, args)).toMatchObject({ status: 0 });
      return createHash('sha256').update(readFileSync(EXECUTABLE)).digest('hex');
    });
    expect(second).toBe(first);
  });

  it('is kexec-tools, if it is called as kexec', () => {
    const link = join(makeTemporaryFolder(), 'kexec');
    symlinkSync(EXECUTABLE, link);
    const version = /^kexec-tools \S+ \(kexec-file \S+\)\n$/;
    expect(run(link, ['--version']).stdout).toMatch(version);
    expect(run('bash', ['-c', 'exec -a kexec "$0" --version', EXECUTABLE]).stdout).toMatch(version);
  });
});
