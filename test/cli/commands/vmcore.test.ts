import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EM_X86_64 } from '../../../src/formats/elf/format.js';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';
import { buildElfVmcore } from '../../support/crashed-kernel.js';
import { buildFlattened, buildKdump, PACKS } from '../../support/kdump.js';
import { buildUsedPages } from '../../support/used-pages.js';
import { readExpectedDmesg, readReducedVmcore } from '../../support/vmcore.js';
import { buildVmlinuxSymbols } from '../../support/vmlinux-symbols.js';
import { buildX86CrashedKernel, X86_VMALLOC } from '../../support/x86-crashed-kernel.js';

const NAME = 'debian-6.12-52bit';

function fileOf(bytes: Uint8Array): string {
  const path = join(makeTemporaryFolder(), 'vmcore');
  writeFileSync(path, bytes);
  return path;
}

describe('kexec-file vmcore dmesg', () => {
  it.each([
    ['an ELF vmcore', readReducedVmcore(NAME)],
    ['a compressed dump', buildKdump(readReducedVmcore(NAME), PACKS.zlib)],
    ['a dump compressed by zstd', buildKdump(readReducedVmcore(NAME), PACKS.zstd)],
    ['a flattened one', buildFlattened(buildKdump(readReducedVmcore(NAME), PACKS.zlib), 4096)],
  ])('prints the log of %s', (_, bytes) => {
    expect(runCli('vmcore', 'dmesg', fileOf(bytes))).toEqual({
      status: 0,
      stdout: readExpectedDmesg(NAME),
      stderr: '',
    });
  });

  it('prints one record a line as JSON', () => {
    const { status, stdout } = runCli('vmcore', 'dmesg', '--json', fileOf(readReducedVmcore(NAME)));
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(status).toBe(0);
    expect(records).toHaveLength(readExpectedDmesg(NAME).split('\n').length - 1);
    expect(records.at(-1)).toEqual({
      schema: 'kexec-file/vmcore-dmesg',
      version: 1,
      sequence: '274',
      time: expect.any(String),
      facility: 0,
      level: 6,
      caller: 'T1',
      text: 'Bye!',
    });
  });

  it('prints the readable part of a truncated log, says so, and exits with 1', () => {
    const vmcore = readReducedVmcore(NAME);
    const { status, stdout, stderr } = runCli('vmcore', 'dmesg', fileOf(vmcore.subarray(0, -1)));
    expect(status).toBe(1);
    expect(stderr).toContain('the file is cut short');
    expect(stdout).toBe(readExpectedDmesg(NAME));
  });
});

describe('kexec-file vmcore info', () => {
  it('prints what crashed and why', () => {
    const { status, stdout } = runCli('vmcore', 'info', fileOf(readReducedVmcore(NAME)));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^release +6\.12\.117\+deb12-cloud-arm64$/m);
    expect(stdout).toMatch(/^crashTime +2026-11-22T23:14:49Z$/m);
    expect(stdout).toMatch(/^panic +Kernel panic - not syncing: sysrq triggered crash$/m);
    expect(stdout).toMatch(/^ {2}1: pid 1, pc 0xffffa769165ba304, .*, panicked$/m);
  });

  it('prints registers, memory and VMCOREINFO as JSON', () => {
    const { stdout } = runCli('vmcore', 'info', '--json', fileOf(readReducedVmcore(NAME)));
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'ELF',
      release: '6.12.117+deb12-cloud-arm64',
      crashTime: 1795389289,
      panicked: 1,
      cpus: [
        { index: 0, pid: 0 },
        { index: 1, pid: 1, pc: '0xffffa769165ba304', sp: '0xffff80008002b6c0' },
      ],
      memory: expect.arrayContaining([
        { start: expect.stringMatching(/^0x/), end: expect.any(String), present: expect.any(String) },
      ]),
      vmcoreinfo: { 'NUMBER(VA_BITS)': '52', KERNELOFFSET: '276896400000' },
      problems: [],
    });
  });
});

describe('kexec-file vmcore gdb', () => {
  const symbols = buildVmlinuxSymbols('a758743ea52a6f4a82167272f101ffae3c732787');

  it('prints the command for a shell', () => {
    const vmcore = fileOf(readReducedVmcore('linux-6.12-48bit'));
    const vmlinux = fileOf(symbols);
    expect(runCli('vmcore', 'gdb', vmcore, vmlinux).stdout).toBe(
      `gdb-multiarch -ex 'core-file ${vmcore}' -ex 'symbol-file ${vmlinux} -o 0x25defe400000' -ex bt\n`,
    );
  });

  it('prints the whole command, however long it is', () => {
    const log = { kind: 'ring', textBits: 12, firstId: 5n, records: [] } as const;
    const registers = { rsp: X86_VMALLOC + 0x800n };
    const dump = buildElfVmcore(buildX86CrashedKernel({ levels: 4, physBase: 0n, log, registers }));
    const vmlinux = fileOf(buildVmlinuxSymbols('00'.repeat(20), { machine: EM_X86_64 }));
    const { status, stdout } = runCli('vmcore', 'gdb', fileOf(dump), vmlinux);
    expect(status).toBe(0);
    expect(stdout).toContain('nT={0xffffc90000123000:0xffff888123456000}');
    expect(stdout).toMatch(/ -ex 'thread apply all bt'\n$/);
    expect(stdout).not.toContain('…');
  });

  it('runs the command with --run, and exits with its exit code', () => {
    const folder = makeTemporaryFolder();
    const debuggerFile = join(folder, 'gdb');
    const said = join(folder, 'said');
    writeFileSync(debuggerFile, `#!/bin/sh\nfor word; do echo "$word"; done > '${said}'\nexit 7\n`, {
      mode: 0o755,
    });
    const vmcore = fileOf(readReducedVmcore('linux-6.12-48bit'));
    const vmlinux = fileOf(symbols);
    expect(runCli('vmcore', 'gdb', vmcore, vmlinux, '--run', '--gdb', debuggerFile).status).toBe(7);
    expect(readFileSync(said, 'utf8')).toBe(
      `-ex\ncore-file ${vmcore}\n-ex\nsymbol-file ${vmlinux} -o 0x25defe400000\n-ex\nbt\n`,
    );
    const missing = runCli('vmcore', 'gdb', vmcore, vmlinux, '--run', '--gdb', join(folder, 'none'));
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain('ENOENT (file-access)');
  });
});

describe('kexec-file vmcore save', () => {
  const { vmcore } = buildUsedPages('Linux 6.12');

  it('writes a copy that the other commands read, and reports it', () => {
    const input = fileOf(readReducedVmcore(NAME));
    const output = join(makeTemporaryFolder(), 'copy');
    const { status, stdout, stderr } = runCli('vmcore', 'save', input, '-o', output, '--filter', 'zero');
    expect(status).toBe(0);
    expect(stderr).toMatch(/^\S+copy: [\d.]+ KiB, \d+ pages; its SHA-256 is in copy\.sha256\n$/);
    expect(stdout).toMatch(new RegExp(`^file +${output}\n`));
    expect(runCli('vmcore', 'dmesg', output).stdout).toBe(readExpectedDmesg(NAME));
  });

  it.each([
    ['zlib', ['--filter', 'all']],
    ['zstd', ['--filter', '31', '--compress', 'zstd']],
    ['ELF', ['--filter', 'cache-private,user,free,cache,zero', '--format', 'elf']],
  ])('prints how many pages %s left out, as JSON', (_, options) => {
    const output = join(makeTemporaryFolder(), 'copy');
    const { stdout } = runCli('vmcore', 'save', fileOf(vmcore), '-o', output, '--json', ...options);
    expect(JSON.parse(stdout)).toMatchObject({
      path: output,
      size: statSync(output).size,
      resumedAt: 0,
      leftOut: { cache: 16, 'cache-private': 8, user: 24, free: 8, poisoned: 8, offline: 8 },
      problems: [],
    });
  });
  it('refuses an unknown filter, and an existing file', () => {
    const input = fileOf(vmcore);
    const wrong = runCli('vmcore', 'save', input, '-o', `${input}.copy`, '--filter', '32');
    expect([wrong.status === 0, wrong.stderr]).toEqual([false, expect.stringContaining('0 to 31')]);
    const there = runCli('vmcore', 'save', input, '-o', input);
    expect([there.status, there.stderr]).toEqual([1, expect.stringContaining('EEXIST (file-access)')]);
  });
});
