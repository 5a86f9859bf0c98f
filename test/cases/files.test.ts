import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { writeFile } from '../../src/node/files/write-file.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildImage } from '../support/image.js';

function makeFolderWithKernel(): { folder: string; kernel: string } {
  const folder = makeTemporaryFolder();
  const kernel = join(folder, 'Image');
  writeFileSync(kernel, buildImage());
  return { folder, kernel };
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

/** Runs the command with a umask. */
function runWithUmask(umask: string, ...args: readonly string[]): void {
  const script = `umask ${umask}; exec "$0" bin/kexec-file.js "$@"`;
  expect(spawnSync('sh', ['-c', script, process.execPath, ...args]).status).toBe(0);
}

describe('attack/06: modes', () => {
  it('of a machine file is 0600, because it has addresses that KASLR hides', () => {
    const path = join(makeTemporaryFolder(), 'm.json');
    runWithUmask('022', 'machine', 'record', '--qemu', '-o', path);
    expect(modeOf(path)).toBe(0o600);
  });

  it.each([0o600, 0o640, 0o664])('of a file that is replaced is kept: %o', (mode) => {
    const { folder, kernel } = makeFolderWithKernel();
    const path = join(folder, 'map.svg');
    writeFileSync(path, 'old');
    chmodSync(path, mode);
    runWithUmask('022', 'plan', kernel, '--machine', 'qemu-virt', '--svg', path, '--force');
    expect([modeOf(path), readFileSync(path, 'utf8').slice(0, 4)]).toEqual([mode, '<svg']);
  });

  it.each([
    ['022', 0o644],
    ['077', 0o600],
    ['002', 0o664],
  ])('of a new file honours the umask: %s', (umask, mode) => {
    const { folder, kernel } = makeFolderWithKernel();
    runWithUmask(umask, 'plan', kernel, '--machine', 'qemu-virt', '--svg', join(folder, 'map.svg'));
    expect(modeOf(join(folder, 'map.svg'))).toBe(mode);
  });
});

describe('attack/08: a command that a signal ends', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing temporary: %s', async (signal) => {
    const folder = makeTemporaryFolder();
    const kernel = join(folder, 'Image');
    const pipe = join(folder, 'pipe');
    writeFileSync(kernel, buildImage());
    // A sparse initrd: the ELF file of a plan takes long to write.
    writeFileSync(join(folder, 'initrd'), '');
    truncateSync(join(folder, 'initrd'), 400 << 20);
    expect(existsSync(pipe)).toBe(false);
    const options = [
      '--machine',
      'qemu-virt',
      '--initrd',
      join(folder, 'initrd'),
      '--elf',
      join(folder, 'out.elf'),
    ];
    const args = ['plan', kernel, ...options];
    const child = spawn(process.execPath, ['bin/kexec-file.js', ...args], { stdio: 'ignore' });
    const end = new Promise((resolve) => child.on('close', (status, by) => resolve(by ?? status)));
    while (!readdirSync(folder).some((name) => name.startsWith('.kexec-file-'))) {
      await setTimeout(5);
      expect(child.exitCode).toBeNull();
    }
    child.kill(signal);
    expect(await end).toBe(signal);
    expect(readdirSync(folder).sort()).toEqual(['Image', 'initrd']);
  });
});

describe('attack/09: the folder for temporary files', () => {
  const image = 'test/cases/attack/09-tmpdir/image';

  it.each([
    ['missing', '/nonexistent', 'boot', [image]],
    ['a file', 'package.json', 'boot', [image]],
    ['read-only', '/proc', 'machine', ['record', '--qemu']],
    [
      'missing',
      '/nonexistent',
      'crash',
      ['rehearse', '--machine', 'qemu-virt', '--kernel', image, '--busybox', image],
    ],
  ])('that is %s is one clear line: %s, %s', (_, TMPDIR, command, args) => {
    const { status, stderr } = spawnSync(process.execPath, ['bin/kexec-file.js', command, ...args], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR },
    });
    const known = command === 'machine' && stderr === '';
    if (known) return expect(status).toBe(0);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: cannot make a temporary folder: .*TMPDIR is .*\n {2}E\w+ \(file-access\)\n {2}\S.*\n$/,
    );
  });
});

describe('attack/09: a folder for temporary files with a long path', () => {
  it('is one clear line', () => {
    const folder = join(makeTemporaryFolder(), 'x'.repeat(100));
    mkdirSync(folder);
    const { status, stderr } = spawnSync(
      process.execPath,
      ['bin/kexec-file.js', 'boot', 'test/cases/attack/09-tmpdir/image'],
      { encoding: 'utf8', env: { ...process.env, TMPDIR: folder } },
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining('ENAMETOOLONG (file-access)')]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('attack/25: a file that is not to be replaced', () => {
  it('is not, although it is created while the command works', async () => {
    const { folder, kernel } = makeFolderWithKernel();
    const out = join(folder, 'out');
    async function* createMeanwhile(): AsyncGenerator<Uint8Array> {
      yield readFileSync(kernel);
      writeFileSync(out, 'mine');
    }
    await expect(writeFile(out, createMeanwhile())).rejects.toMatchObject({
      errno: 'EEXIST',
      check: 'file-access',
    });
    expect(readFileSync(out, 'utf8')).toBe('mine');
    expect(readdirSync(folder).sort()).toEqual(['Image', 'out']);
  });
});

describe('attack/27: outputs', () => {
  it('two options with one file are refused, by whatever names', () => {
    const { folder, kernel } = makeFolderWithKernel();
    writeFileSync(join(folder, 'a'), 'mine');
    linkSync(join(folder, 'a'), join(folder, 'b'));
    symlinkSync(folder, join(folder, 'here'));
    for (const [svg, elf] of [
      ['new', 'new'],
      ['a', 'b'],
      ['new', 'here/new'],
    ] as const) {
      const { status, stderr } = runCli(
        'plan',
        kernel,
        '--svg',
        join(folder, svg),
        '--elf',
        join(folder, elf),
      );
      expect([status, stderr]).toEqual([1, expect.stringContaining('EEXIST (file-access)')]);
    }
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('mine');
  });

  it('that are an input are refused, by whatever link', () => {
    const { folder, kernel } = makeFolderWithKernel();
    linkSync(kernel, join(folder, 'hard'));
    symlinkSync('Image', join(folder, 'soft'));
    for (const name of ['Image', 'hard', 'soft']) {
      const { status, stderr } = runCli('plan', kernel, '--elf', join(folder, name), '--force');
      expect([status, stderr]).toEqual([1, expect.stringContaining('an input of this command')]);
    }
    expect(readFileSync(kernel).length).toBe(buildImage().length);
  });

  it('may be standard output, and reports go to standard error then', () => {
    const { kernel } = makeFolderWithKernel();
    for (const path of ['-', '/dev/stdout', '/dev/fd/1']) {
      const { status, stdout, stderr } = runCli('plan', kernel, '--svg', path);
      expect([status, stdout.slice(0, 4), stdout.trimEnd().slice(-6)]).toEqual([0, '<svg', '</svg>']);
      expect(stderr).toContain('The CPU enters purgatory');
    }
    expect(runCli('plan', kernel, '--svg', '-', '--json').status).toBe(1);
  });

  it('may be a device or a pipe; --force follows a symbolic link, which stays', () => {
    const { folder, kernel } = makeFolderWithKernel();
    expect(runCli('plan', kernel, '--svg', '/dev/null').status).toBe(0);
    mkdirSync(join(folder, 'there'));
    symlinkSync(join('there', 'map.svg'), join(folder, 'link'));
    expect(runCli('plan', kernel, '--svg', join(folder, 'link')).status).toBe(1);
    expect(runCli('plan', kernel, '--svg', join(folder, 'link'), '--force').status).toBe(0);
    expect(readdirSync(join(folder, 'there'))).toEqual(['map.svg']);
    const script = `mkfifo "$1/pipe"; cat "$1/pipe" > "$1/read" & "$0" bin/kexec-file.js plan "$2" --machine qemu-virt --svg "$1/pipe"; wait`;
    spawnSync('sh', ['-c', script, process.execPath, folder, kernel]);
    expect(readFileSync(join(folder, 'read'), 'utf8')).toMatch(/<\/svg>\s*$/);
  });

  it('on a full disk are one clear line, and nothing is left', () => {
    const { folder, kernel } = makeFolderWithKernel();
    copyFileSync(kernel, join(folder, 'keep'));
    const { status, stderr } = runCli('plan', kernel, '--elf', '/dev/full');
    expect([status, stderr]).toEqual([1, expect.stringContaining('ENOSPC (file-access)')]);
  });
});

describe('an error of the program itself', () => {
  const broken = `data:text/javascript,TextEncoder.prototype.encode=()=>{throw new RangeError('boom\\nok: verified')}`;

  function runBroken(...options: readonly string[]): { status: number | null; stderr: string } {
    const { kernel } = makeFolderWithKernel();
    const plan = ['plan', kernel, '--machine', 'qemu-virt', '--svg', '/dev/null', ...options];
    const args = ['--import', broken, 'bin/kexec-file.js', ...plan];
    return spawnSync(process.execPath, args, { encoding: 'utf8' });
  }

  it('is one line that says how to report it, without source', () => {
    const { status, stderr } = runBroken();
    expect(status).toBe(70);
    expect(stderr).toMatch(/^kexec-file: internal error: RangeError: boom\\nok: verified \(.*--debug\n$/);
  });

  it('takes --debug before the command, too', () => {
    const { kernel } = makeFolderWithKernel();
    expect(runCli('--debug', 'plan', kernel)).toMatchObject({ status: 0, stderr: '' });
  });

  it('has its stack with --debug, wherever that stands', () => {
    const { status, stderr } = runBroken('--debug');
    expect([status, stderr]).toEqual([70, expect.stringMatching(/internal error: .*\n +at /)]);
  });
});
