import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar, type TarEntry, type TarHeader } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { readMachine } from '../../src/node/collect/machine-file.js';
import { recordFrom } from '../../src/node/collect/record-from.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';

const ATTACK = join(import.meta.dirname, 'attack');
const FIFO_CASE = join(ATTACK, '04-fifo-in-folder');
const TWO_MACHINES = join(ATTACK, '26-two-machines-in-a-tar/two.tgz');
const FDT = readFileSync(join(FIFO_CASE, 'fdt'));

const REFUSED = expect.objectContaining({ check: 'machine-archive', errno: 'EINVAL' });

/** A folder with a device tree, as it was collected. */
function makeCollected(parent = makeTemporaryFolder(), name = 'm'): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'fdt'), FDT);
  return folder;
}

/** The rows of a preflight of the case's image. */
function preflight(fleet: string): unknown[] {
  const { stdout } = runCli('preflight', join(FIFO_CASE, 'image'), fleet, '--json');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return lines.filter((line) => 'file' in line);
}

function makeFifo(path: string): void {
  execFileSync('mkfifo', [path]);
}

describe('a folder that somebody else has filled', () => {
  it('attack/04: a FIFO is refused in its row, and the rows after it come', () => {
    const fleet = makeTemporaryFolder();
    for (const name of ['a', 'b', 'c']) makeCollected(fleet, name);
    makeFifo(join(fleet, 'b', 'cmdline'));
    expect(preflight(fleet)).toMatchObject([
      { machine: 'a' },
      { verdict: 'unreadable', refusal: { check: 'machine-archive', errno: 'EINVAL' } },
      { machine: 'c' },
    ]);
  });

  it.each<[string, (folder: string) => void]>([
    ['a FIFO as iomem', (folder) => makeFifo(join(folder, 'iomem'))],
    [
      'a FIFO in the device tree',
      (folder) => {
        mkdirSync(join(folder, 'device-tree'));
        makeFifo(join(folder, 'device-tree', 'model'));
      },
    ],
    ['a folder in place of a file', (folder) => mkdirSync(join(folder, 'iomem'))],
    ['attack/05: a link to a device', (folder) => symlinkSync('/dev/zero', join(folder, 'cmdline'))],
    [
      'a link to another file of this system',
      (folder) => symlinkSync('/etc/passwd', join(folder, 'cmdline')),
    ],
    [
      'a link with .. in it',
      (folder) => symlinkSync('../../../../../../etc/passwd', join(folder, 'cmdline')),
    ],
    ['a link to a folder outside', (folder) => symlinkSync('/etc', join(folder, 'device-tree'))],
    [
      'a link out of the device tree',
      (folder) => {
        mkdirSync(join(folder, 'device-tree'));
        symlinkSync('/etc/passwd', join(folder, 'device-tree', 'model'));
      },
    ],
    [
      'a link to a link out of the folder',
      (folder) => {
        symlinkSync('/dev/zero', join(folder, 'other'));
        symlinkSync('other', join(folder, 'cmdline'));
      },
    ],
  ])('is refused: %s', async (_, spoil) => {
    const folder = makeCollected();
    spoil(folder);
    await expect(recordFrom(folder)).rejects.toThrow(REFUSED);
    await expect(readMachine(folder)).rejects.toThrow(REFUSED);
  });

  it('is refused with a FIFO for the folder of the device tree', async () => {
    const folder = makeCollected();
    makeFifo(join(folder, 'device-tree'));
    await expect(recordFrom(folder)).rejects.toThrow(expect.objectContaining({ errno: 'ENOTDIR' }));
  });

  it('is refused with a socket in it', async () => {
    const folder = makeCollected();
    const server = await new Promise<Server>((resolve) => {
      const listening = createServer().listen(join(folder, 'cmdline'), () => resolve(listening));
    });
    await expect(recordFrom(folder)).rejects.toThrow(REFUSED);
    server.close();
  });

  it('may have links within it', async () => {
    const folder = makeCollected();
    writeFileSync(join(folder, 'cmdline-of-server'), 'quiet\n');
    symlinkSync('cmdline-of-server', join(folder, 'cmdline'));
    expect((await recordFrom(folder)).commandLine).toBe('quiet');
  });

  it.each(['config', 'cmdline', 'fdt', 'efivar-dbx', 'unknown'])(
    'is refused with a bomb for its %s',
    async (name) => {
      const folder = makeCollected();
      writeFileSync(join(folder, name), gzipSync(new Uint8Array(30 << 20)));
      const refusal = await recordFrom(folder).catch((error: unknown) => error);
      // The list of unknown facts is never compressed: it is a text without a fact.
      if (name === 'unknown') expect(refusal).toMatchObject({ name: 'm' });
      else expect(refusal).toMatchObject({ check: 'machine-archive', errno: 'EFBIG' });
    },
  );

  it('may have 32 MiB in all', async () => {
    const folder = makeCollected();
    for (const name of ['efivar-db', 'efivar-dbx', 'efivar-MokListRT', 'efivar-MokListXRT'])
      writeFileSync(join(folder, name), new Uint8Array(9 << 20));
    await expect(recordFrom(folder)).rejects.toThrow(
      expect.objectContaining({ check: 'machine-archive', errno: 'EFBIG' }),
    );
  });
});

describe('a stream in place of a machine file', () => {
  /** Runs a shell command in which `kexec-file` is ours, with little memory. */
  function runInShell(command: string) {
    const kexecFile = `${process.execPath} --max-old-space-size=256 bin/kexec-file.js`;
    return spawnSync('sh', ['-c', command.replaceAll('kexec-file', kexecFile)], { encoding: 'utf8' });
  }

  it.each([
    'kexec-file machine show /dev/zero',
    'kexec-file machine record --from /dev/zero',
    'kexec-file doctor --machine /dev/zero',
    'head -c 40000000 /dev/zero | kexec-file machine show /dev/stdin',
    'yes | kexec-file machine show -',
    'yes "[" | kexec-file machine show -',
  ])('attack/05: is read up to 32 MiB: %s', (command) => {
    const { status, stderr } = runInShell(command);
    expect(stderr).toMatch(/^refused: EFBIG \(machine-archive\)/);
    expect(status).toBe(1);
  });

  it.each(['/dev/stdin', '-'])('may be a small one: %s', (path) => {
    const command = `kexec-file machine show qemu-virt --json | kexec-file machine show ${path}`;
    expect(runInShell(command)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('a tar that somebody else has packed', () => {
  const entry = (name: string, body: string | Uint8Array, more: Partial<TarHeader> = {}): TarEntry => ({
    header: { name, size: body.length, ...more },
    body,
  });
  const link = (name: string, type: TarHeader['type'], linkname = ''): TarEntry => ({
    header: { name, size: 0, linkname, ...(type === undefined ? {} : { type }) },
  });
  const fdt = entry('m/fdt', FDT);

  /** A tar in which the type of the last member is another, with its checksum. */
  async function withType(type: string, entries: TarEntry[]): Promise<Uint8Array> {
    const bytes = await packTar(entries);
    const at = bytes.length - 1024 - 1024;
    bytes[at + 156] = type.charCodeAt(0);
    bytes.fill(0x20, at + 148, at + 156);
    const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    bytes.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), at + 148);
    return bytes;
  }

  it('attack/26: the files of two machines are refused', async () => {
    await expect(recordFrom(TWO_MACHINES)).rejects.toThrow(REFUSED);
    const { status, stderr } = runCli('machine', 'record', '--from', TWO_MACHINES);
    expect(status).toBe(1);
    expect(stderr).toContain('server1');
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    [
      'one machine at the top, another in a folder',
      () => packTar([entry('fdt', FDT), entry('m/cmdline', 'a')]),
    ],
    ['device trees of two', () => packTar([fdt, entry('n/device-tree/model', 'x\0')])],
    ['the same file twice', () => packTar([fdt, entry('m/cmdline', 'a'), entry('m/cmdline', 'b')])],
    ['the same file by two paths', () => packTar([fdt, entry('m/cmdline', 'a'), entry('./m//cmdline', 'b')])],
    ['a symbolic link', () => packTar([fdt, link('m/cmdline', 'symlink', '/etc/passwd')])],
    ['a hard link', () => packTar([fdt, link('m/cmdline', 'link', 'm/fdt')])],
    ['a FIFO', () => packTar([fdt, link('m/cmdline', 'fifo')])],
    ['a device', () => packTar([fdt, link('m/cmdline', 'character-device')])],
    ['an absolute path', () => packTar([fdt, entry('/m/cmdline', 'a')])],
    ['a path with ..', () => packTar([fdt, entry('m/../m/cmdline', 'a')])],
    ['a sparse member of GNU tar', () => withType('S', [fdt, entry('m/cmdline', 'a')])],
    ['a member of an unknown type', () => withType('Z', [fdt, entry('m/cmdline', 'a')])],
    [
      'a sparse member in records of pax',
      () =>
        packTar([
          fdt,
          entry('m/cmdline', 'a', { pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' } }),
        ]),
    ],
    ['a size in records of pax', () => packTar([fdt, entry('m/cmdline', 'a', { pax: { size: '1' } })])],
  ])('is refused: %s', async (_, pack) => {
    const path = join(makeTemporaryFolder(), 'm.tar');
    writeFileSync(path, await pack());
    await expect(recordFrom(path)).rejects.toThrow(REFUSED);
    writeFileSync(`${path}.gz`, gzipSync(await pack()));
    await expect(readMachine(`${path}.gz`)).rejects.toThrow(REFUSED);
  });

  it('is read as GNU tar packs it', async () => {
    const folder = makeCollected();
    writeFileSync(join(folder, 'cmdline'), 'quiet\n');
    const tar = join(makeTemporaryFolder(), 'm.tar');
    for (const format of ['gnu', 'pax', 'ustar']) {
      execFileSync('tar', [`--format=${format}`, '-cf', tar, '-C', join(folder, '..'), 'm']);
      expect((await recordFrom(tar)).commandLine).toBe('quiet');
    }
  });
});

describe('attack/07: what record writes, show reads', () => {
  const Z1 = join(ATTACK, '07-zod-escape/z1');

  it('the recorded attack is refused in words, by record and preflight alike', () => {
    const output = join(makeTemporaryFolder(), 'z1.json');
    const record = runCli('machine', 'record', '--from', Z1, '-o', output);
    expect(record.status).toBe(1);
    expect(record.stderr).toMatch(/^refused: EINVAL \(memblock-line\)/);
    expect(preflight(Z1)).toMatchObject([{ verdict: 'unreadable', refusal: { check: 'memblock-line' } }]);
  });

  it('a machine file keeps what was recorded', () => {
    const folder = makeTemporaryFolder();
    cpSync(Z1, join(folder, 'm'), { recursive: true });
    copyFileSync(join(FIFO_CASE, 'fdt'), join(folder, 'm', 'fdt'));
    writeFileSync(join(folder, 'm', 'memblock-memory'), '   0: 0x40000000..0xbfffffff    0 NONE\n');
    const output = join(folder, 'm.json');
    expect(runCli('machine', 'record', '--from', join(folder, 'm'), '-o', output).status).toBe(0);
    expect(runCli('machine', 'show', output).status).toBe(0);
  });
});
