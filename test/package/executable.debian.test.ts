/** The executable for this machine: what differs from the package that Node runs. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/commands.js';
import { decompressZstd } from '../../src/formats/compression/zstd.js';
import { parseZboot } from '../../src/formats/zboot.js';
import { type CliRun, joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { findExecutable, runExecutable } from '../support/executable.js';
import { buildImage, buildStubImage } from '../support/image.js';
import { PACKS } from '../support/kdump.js';
import { buildZboot, ZBOOT_NAMES } from '../support/kernel-files.js';
import { makeSigningKeys } from '../support/signing.js';
import { readExpectedDmesg, readReducedVmcore } from '../support/vmcore.js';

const EXECUTABLE = findExecutable(process.arch);
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

/** One line, in which the line feed of the message is escaped. */
const INTERNAL_ERROR = /^kexec-file: internal error: RangeError: boom\\nok: verified \(.*--debug\n$/;

/**
 * Copies the executable with code in place of the comment that its loader begins with: of the main script, which comes
 * first in the file, or of the script of threads.
 */
function breakLoader(place: 'main' | 'thread', code: string): string {
  const loader = readFileSync('packaging/executable/loader.js');
  const comment = loader.subarray(0, loader.indexOf('*/') + 2);
  return copyWithout(comment, place === 'main' ? 1 : 2, code);
}

/** Copies the executable without the module that starts the program. */
function breakModules(): string {
  return copyWithout(Buffer.from("start('main.js')"), 1, "start('none.js')");
}

/** Copies the executable with other bytes of the same length in one place. @param count - of the occurrence */
function copyWithout(bytes: Uint8Array, count: number, other: string): string {
  const file = readFileSync(EXECUTABLE);
  let offset = -1;
  for (let seen = 0; seen < count; seen += 1) offset = file.indexOf(bytes, offset + 1);
  expect(offset).toBeGreaterThan(0);
  file.write(other.padEnd(bytes.length), offset);
  const path = join(makeTemporaryFolder(), 'kexec-file');
  writeFileSync(path, file, { mode: 0o755 });
  return path;
}

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

  it('contains the inspector', () => {
    const path = join(makeTemporaryFolder(), 'inspector.html');
    expect(runExecutable('ui', '--output', path)).toMatchObject({ status: 0 });
    expect(readFileSync(path, 'utf8')).toBe(readFileSync('dist/inspector.html', 'utf8'));
  });

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

  describe('with an error of its own', () => {
    // So many that other threads run before this one has verified all. The first error ends the command.
    const files = Array.from({ length: 5000 }, () => SIGNED);
    const verify = ['verify', ...files, '--cert', CERTIFICATE];
    const boom = "throw new RangeError('boom\\nok: verified');";

    it.each([
      ['while it runs', 'main', `setImmediate(() => { ${boom} });`, ['inspect', SIGNED]],
      ['in a thread', 'thread', boom, verify],
    ] as const)('%s, prints one line, and its stack with --debug', (_, place, code, args) => {
      const program = breakLoader(place, code);
      const { status, stderr } = run(program, args);
      expect([status, stderr]).toEqual([70, expect.stringMatching(INTERNAL_ERROR)]);
      const debugged = run(program, [...args, '--debug']);
      expect(debugged.status).toBe(70);
      expect(debugged.stderr).toMatch(/^kexec-file: internal error: RangeError: .*\n( {4}at .*\n)+$/);
    });

    it('while it starts, prints one line', () => {
      const { status, stdout, stderr } = run(breakModules(), ['--version']);
      expect([status, stdout]).toEqual([70, '']);
      expect(stderr).toMatch(/^kexec-file: internal error: "\w*Error.*: .*" \(Node v24\.\S+, \w+\)\n$/);
    });
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
    // In whichever folder they are made.
    expect(readFileSync(EXECUTABLE).includes(process.cwd())).toBe(false);
  });

  it('is kexec-tools, if it is called as kexec', () => {
    const link = join(makeTemporaryFolder(), 'kexec');
    symlinkSync(EXECUTABLE, link);
    const version = /^kexec-tools \S+ \(kexec-file \S+\)\n$/;
    expect(run(link, ['--version']).stdout).toMatch(version);
    expect(run('bash', ['-c', 'exec -a kexec "$0" --version', EXECUTABLE]).stdout).toMatch(version);
  });

  it('saves a dump through a pipe, if it is called as makedumpfile', () => {
    const folder = makeTemporaryFolder();
    for (const name of ['makedumpfile', 'vmcore-dmesg']) symlinkSync(EXECUTABLE, join(folder, name));
    writeFileSync(join(folder, 'vmcore'), readReducedVmcore(DUMP));
    const script =
      'cd "$0" && ./makedumpfile -F -l -d 1 vmcore | ./makedumpfile -R dump && ./vmcore-dmesg dump';
    const { status, stdout } = run('sh', ['-c', script, folder]);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `\nThe dumpfile is saved to dump.\nmakedumpfile Completed.\n${readExpectedDmesg(DUMP)}`,
    });
  });
});
