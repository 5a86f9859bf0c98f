import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { concatenate } from '../../src/base/bytes.js';
import { ET_CORE, ET_REL } from '../../src/formats/elf/format.js';
import { joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildElfVmcore, buildNote } from '../support/crashed-kernel.js';
import { buildFlattened, buildKdump, PACKS } from '../support/kdump.js';
import { buildUsedPages } from '../support/used-pages.js';
import { readExpectedDmesg, readReducedVmcore } from '../support/vmcore.js';
import { buildVmlinuxSymbols } from '../support/vmlinux-symbols.js';

const CASES = 'test/cases';
const QEMU_DUMP = `${CASES}/field/09-qemu-elf-dump/dump.elf`;

function fileOf(bytes: Uint8Array, name = 'vmcore'): string {
  const path = join(makeTemporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

function unpackCase(name: string): string {
  return fileOf(new Uint8Array(gunzipSync(readFileSync(`${CASES}/attack/18-notes-amplified/${name}.gz`))));
}

describe('field/09: the ELF dumps of QEMU, whose e_ehsize is 8', () => {
  it('are read by info, lint and inspect, which note it', () => {
    const info = JSON.parse(runCli('vmcore', 'info', QEMU_DUMP, '--json').stdout);
    expect(info).toMatchObject({ format: 'ELF', memory: [{ start: '0x40000000', end: '0x40001000' }] });
    for (const args of [['crash', 'lint'], ['inspect'], ['vmcore', 'info']]) {
      const { stdout } = runCli(...args, QEMU_DUMP);
      expect(stdout).toContain('e_ehsize is 8, not 64, as QEMU writes it');
    }
  });

  it.each([
    ['e_ehsize 0', 52, 0],
    ['e_version 7', 20, 7],
    ['EI_VERSION 0', 6, 0],
  ])('%s of another producer is noted, too', (_, offset, value) => {
    const dump = readReducedVmcore('debian-6.12-52bit');
    dump[offset] = value;
    const file = fileOf(dump);
    expect(runCli('vmcore', 'dmesg', file)).toMatchObject({
      status: 0,
      stdout: readExpectedDmesg('debian-6.12-52bit'),
    });
    expect(runCli('inspect', file).stdout).toContain('nothing depends on it');
  });
});

describe('field/10: a dump without VMCOREINFO', () => {
  it('of a hypervisor has the cure of the hypervisor', () => {
    const { status, stderr } = runCli(
      'vmcore',
      'dmesg',
      `${CASES}/field/09-qemu-elf-dump/same-with-ehsize-64.elf`,
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining('ENODATA (vmcoreinfo)')]);
    expect(stderr).toContain('-device vmcoreinfo');
    expect(stderr).not.toContain('CONFIG_VMCORE_INFO');
  });

  it.each(['linux-6.12-48bit', 'debian-6.12-52bit'] as const)(
    'takes the text of VMCOREINFO from a file: %s',
    (name) => {
      const dump = readReducedVmcore(name);
      const at = Buffer.from(dump).indexOf('OSRELEASE=');
      const text = dump.slice(at, dump.indexOf(0, at));
      const noted = Buffer.from(dump).indexOf('VMCOREINFO\0');
      dump.set(new TextEncoder().encode('NOTHINGATALL'.slice(0, 10)), noted);
      const file = fileOf(dump);
      expect(runCli('vmcore', 'dmesg', file, '--vmcoreinfo', fileOf(text, 'info'))).toMatchObject({
        status: 0,
        stdout: readExpectedDmesg(name),
      });
      const wrong = runCli('vmcore', 'dmesg', file, '--vmcoreinfo', fileOf(new Uint8Array(9), 'info'));
      expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('EINVAL (vmcoreinfo)')]);
    },
  );
});

describe('field/12: vmcore gdb', () => {
  const vmcore = (): string => fileOf(readReducedVmcore('linux-6.12-48bit'));
  const buildId = 'a758743ea52a6f4a82167272f101ffae3c732787';

  it.each([
    ['a text', new TextEncoder().encode('no vmlinux\n')],
    ['an empty file', new Uint8Array(0)],
    ['a core', readReducedVmcore('linux-6.12-48bit')],
    ['an object file', buildVmlinuxSymbols(buildId, { type: ET_REL })],
    ['a core by its type alone', buildVmlinuxSymbols(buildId, { type: ET_CORE })],
    ['a vmlinux of x86-64', buildVmlinuxSymbols(buildId, { machine: 62 })],
    ['a vmlinux of another build', buildVmlinuxSymbols(buildId.replace('a7', 'b7'))],
    ['a vmlinux that is cut short', buildVmlinuxSymbols(buildId).subarray(0, 120)],
  ])('refuses %s, and says which file is wanted', (_, bytes) => {
    const { status, stdout, stderr } = runCli('vmcore', 'gdb', vmcore(), fileOf(bytes, 'vmlinux'));
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('EINVAL (dump-symbols)');
  });

  it('refuses the dump of a hypervisor, in which gdb finds no memory', () => {
    const { status, stderr } = runCli('vmcore', 'gdb', QEMU_DUMP, fileOf(buildVmlinuxSymbols(buildId)));
    expect([status, stderr]).toEqual([1, expect.stringContaining('EOPNOTSUPP (dump-kind)')]);
  });

  it('names the build id, and where debug packages put the file', () => {
    const { stderr } = runCli('vmcore', 'gdb', vmcore(), fileOf(buildVmlinuxSymbols('00'.repeat(20))));
    expect(joinLines(stderr)).toContain(`/usr/lib/debug/.build-id/a7/${buildId.slice(2)}.debug`);
  });

  it('prints the command for the kernel that crashed', () => {
    const { status, stdout } = runCli('vmcore', 'gdb', vmcore(), fileOf(buildVmlinuxSymbols(buildId)));
    expect([status, stdout]).toEqual([0, expect.stringContaining('symbol-file')]);
  });
});

describe('attack/18: work that a dump multiplies', () => {
  it.each(['el-notes-tiny', 'el-notes-2000'])('%s: notes that share bytes are read once', (name) => {
    const { status, stdout } = runCli('vmcore', 'info', unpackCase(name));
    expect(status).toBe(0);
    expect(stdout).toContain('share bytes of the file with another one: they are ignored');
  });

  const notes = buildNote(
    'VMCOREINFO',
    0,
    new TextEncoder().encode('OSRELEASE=6.12.0-made-up\nPAGESIZE=4096\n'),
  );
  const page = new Uint8Array(4096).fill(7);
  const place = (index: number, step: number): { physical: bigint; virtual: bigint; bytes: Uint8Array } => ({
    physical: 0x40000000n + BigInt(index * step),
    virtual: 0xffff000000000000n + BigInt(index * step),
    bytes: index % 1000 === 0 ? page : page.subarray(0, 0),
  });

  it.each([
    ['info', []],
    ['save', ['-o', 'copy', '--filter', 'zero']],
    ['save', ['-o', 'copy', '--filter', 'zero', '--format', 'elf']],
  ])('%s of 40,000 PT_LOADs ends: %j', (command, options) => {
    const dump = buildElfVmcore({
      notes,
      pieces: Array.from({ length: 40_000 }, (_, at) => place(at, 8192)),
    });
    const output = options.map((option) =>
      option === 'copy' ? join(makeTemporaryFolder(), 'copy') : option,
    );
    expect(runCli('vmcore', command, fileOf(dump), ...output).status).toBe(0);
  });

  it.each([
    ['300,000 pieces of one byte', 300_000, 1],
    ['70,000 pieces of two bytes', 140_000, 2],
  ])('a flattened dump of %s is refused', (_, length, size) => {
    const flattened = fileOf(buildFlattened(new Uint8Array(length), size));
    const { status, stderr } = runCli('vmcore', 'info', flattened);
    expect([status, stderr]).toEqual([1, expect.stringContaining('EINVAL (kdump-flattened)')]);
  });

  it('a flattened dump of 40,000 small pieces is read', () => {
    const name = 'linux-6.12-48bit';
    const flattened = fileOf(buildFlattened(readReducedVmcore(name), 5));
    expect(runCli('vmcore', 'dmesg', flattened)).toMatchObject({
      status: 0,
      stdout: readExpectedDmesg(name),
    });
  });

  it('one page near the end of the addresses is no reason for a bitmap of 64 GiB', () => {
    const pieces = [place(0, 0), { physical: 1n << 51n, virtual: 0xffff800000000000n, bytes: page }];
    const dump = fileOf(buildElfVmcore({ notes, pieces }));
    const folder = makeTemporaryFolder();
    const { status, stderr } = runCli(
      'vmcore',
      'save',
      dump,
      '-o',
      join(folder, 'kdump'),
      '--filter',
      'zero',
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining('EINVAL (dump-save)')]);
    expect(stderr).toContain('--format elf');
    expect(
      runCli('vmcore', 'save', dump, '-o', join(folder, 'elf'), '--filter', 'zero', '--format', 'elf').status,
    ).toBe(0);
  });

  it('a compressed dump whose header counts more than its bitmap is refused', () => {
    const dump = buildKdump(readReducedVmcore('linux-6.12-48bit'), PACKS.zlib);
    new DataView(dump.buffer).setBigUint64(4096 + 96, 1n << 40n, true);
    const { status, stderr } = runCli('vmcore', 'info', fileOf(dump));
    expect([status, stderr]).toEqual([1, expect.stringContaining('kdump-header')]);
  });
});

describe('attack/11, attack/27: what a save writes', () => {
  const { vmcore } = buildUsedPages('Linux 6.12');

  it.each(['copy', 'copy.sha256'])('never replaces a file that was there: %s', (name) => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, name), 'mine\n');
    const { status, stderr } = runCli('vmcore', 'save', fileOf(vmcore), '-o', join(folder, 'copy'));
    expect([status, stderr]).toEqual([1, expect.stringContaining('EEXIST (file-access)')]);
    expect(readFileSync(join(folder, name), 'utf8')).toBe('mine\n');
    expect(existsSync(join(folder, 'copy.incomplete'))).toBe(false);
  });

  it('is of one of two saves that start at once; the other is refused', async () => {
    const other = vmcore.slice();
    other.fill(0x5a, other.length - 300 * 4096, other.length - 200 * 4096);
    const inputs = [fileOf(vmcore), fileOf(other)];
    const copies = inputs.map((input) => {
      const output = join(makeTemporaryFolder(), 'copy');
      expect(runCli('vmcore', 'save', input, '-o', output).status).toBe(0);
      return readFileSync(output);
    });
    for (let round = 0; round < 4; round += 1) {
      const output = join(makeTemporaryFolder(), 'copy');
      const ends = await Promise.all(inputs.map((input) => save(input, output)));
      expect(ends.filter((status) => status === 0)).toHaveLength(1);
      const saved = readFileSync(output);
      expect(copies.some((copy) => copy.equals(saved))).toBe(true);
      expect(runSha256(output)).toBe(readFileSync(`${output}.sha256`, 'utf8').slice(0, 64));
    }
  });
});

describe('attack/12: a save that is resumed', () => {
  const { vmcore } = buildUsedPages('Linux 6.12');

  it.each([
    ['kdump', 0.75, []],
    ['kdump', 0.9, ['--compress', 'zstd']],
    ['elf', 0.5, ['--format', 'elf']],
    ['elf', 0.9, ['--format', 'elf', '--filter', 'none']],
  ])('%s: does not take another dump with the same headers for its own (%f)', (_, share, options) => {
    const folder = makeTemporaryFolder();
    const output = join(folder, 'copy');
    expect(runCli('vmcore', 'save', fileOf(vmcore), '-o', output, ...options).status).toBe(0);
    const whole = readFileSync(output);
    renameSync(output, `${output}.incomplete`);
    renameSync(`${output}.sha256`, join(folder, 'earlier'));
    truncateSync(`${output}.incomplete`, Math.floor(whole.length * share));

    const other = vmcore.slice();
    for (let at = other.length - 1024 * 4096; at < other.length - 64 * 4096; at += 4096)
      if (other.subarray(at, at + 4096).some((byte) => byte !== 0))
        other[at + 77] = (other[at + 77] ?? 0) ^ 0xff;
    const { status, stderr } = runCli('vmcore', 'save', fileOf(other), '-o', output, ...options);
    expect([status, stderr]).toEqual([1, expect.stringContaining('EEXIST (dump-save)')]);

    expect(runCli('vmcore', 'save', fileOf(vmcore), '-o', output, ...options).status).toBe(0);
    expect(readFileSync(output).equals(whole)).toBe(true);
  });
});

describe('files of other programs that hold memory', () => {
  const text = (start: string, at = 0): Uint8Array =>
    concatenate([new Uint8Array(at), new TextEncoder().encode(start), new Uint8Array(8192)]);

  it.each([
    ['a save of libvirt', text('LibvirtQemudSave'), 'libvirt'],
    ['LiME', text('EMiL'), 'LiME'],
    ['a gzip file', new Uint8Array(Buffer.from('1f8b0800000000000003', 'hex')), 'gzip'],
    ['sadump', text('sadump\0\0'), 'sadump'],
    ['a migration stream of QEMU', text('QEVM'), 'QEMU'],
    [
      'a suspended guest of VMware',
      new Uint8Array(8192).fill(0xbe, 1).fill(0xd0, 0, 1).fill(0xd0, 2, 3),
      'VMware',
    ],
    ['a saved state of Hyper-V', Uint8Array.from([0x14, 0x20, 0x28, 1, ...new Uint8Array(600)]), 'Hyper-V'],
    ['a qcow2 image', text('QFI\u00fb'.slice(0, 3)).fill(0xfb, 3, 4), 'qcow'],
  ])('%s is named, with what to do', (_, bytes, name) => {
    const { status, stderr } = runCli('vmcore', 'info', fileOf(bytes));
    expect([status, stderr]).toEqual([1, expect.stringContaining('ENOEXEC (dump-kind)')]);
    expect(stderr).toContain(name);
  });
});

function save(input: string, output: string): Promise<number | null> {
  const child = spawn(process.execPath, ['bin/kexec-file.js', 'vmcore', 'save', input, '-o', output], {
    stdio: 'ignore',
  });
  return new Promise((resolve) => child.on('close', resolve));
}

function runSha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
