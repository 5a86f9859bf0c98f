import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseCpio } from '../../../src/formats/cpio.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { buildMachine } from '../../support/machine.js';

const MIB = 1n << 20n;
const GIB = 1n << 30n;

/** A machine of 1 GiB, as it may be recorded. */
function machineFile(): string {
  const path = join(makeTemporaryFolder(), 'machine.json');
  const machine = {
    ...buildMachine(),
    memory: [{ start: GIB, end: 2n * GIB }],
    reserved: [],
    crashRegion: { high: { start: GIB + 512n * MIB, end: GIB + 768n * MIB } },
    possibleCpus: 1,
    crash: {
      notes: [{ start: GIB + 100n * MIB, end: GIB + 100n * MIB + 0x19cn }],
      vmcoreinfo: { start: GIB + 102n * MIB, end: GIB + 102n * MIB + 0x1024n },
      text: { start: GIB + 2n * MIB, end: GIB + 34n * MIB, virtual: 0xffffa5df7e400000n },
      linearMap: { physical: GIB, virtual: 0xffff000000000000n },
    },
  };
  writeFileSync(path, formatMachine(machine));
  return path;
}

describe('kexec-file crash header and lint', () => {
  it('agree with each other', () => {
    const machine = machineFile();
    const header = join(makeTemporaryFolder(), 'elfcorehdr');
    expect(runCli('crash', 'header', '--machine', machine, '-o', header)).toEqual({
      status: 0,
      stdout: '',
      stderr: `${header}: 4 KiB, the ELF core header of test\n`,
    });
    expect(readFileSync(header)).toHaveLength(4096);
    const { status, stdout } = runCli('crash', 'lint', header, '--machine', machine);
    expect([status, stdout]).toEqual([0, 'elfcorehdr: 2 PT_NOTE, 3 PT_LOAD: good\n']);
  });

  it('lint prints an error, and exits with 1', () => {
    const header = join(makeTemporaryFolder(), 'elfcorehdr');
    runCli('crash', 'header', '--machine', machineFile(), '-o', header);
    const bytes = readFileSync(header);
    bytes.writeBigUInt64LE(0x1000n, 64 + 8); // p_offset and p_paddr of the first note
    bytes.writeBigUInt64LE(0x1000n, 64 + 24);
    writeFileSync(header, bytes);
    const { status, stdout } = runCli('crash', 'lint', header, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      file: header,
      kind: 'elfcorehdr',
      findings: expect.arrayContaining([
        { severity: 'error', what: 'the notes at 0x1000..0x119c are outside the RAM that is dumped' },
      ]),
    });
  });

  it('header refuses a machine without crash facts', () => {
    const { status, stderr } = runCli(
      'crash',
      'header',
      '--machine',
      'qemu-virt',
      '-o',
      join(makeTemporaryFolder(), 'h'),
    );
    expect(status).toBe(1);
    expect(stderr).toContain('EINVAL (elfcorehdr)');
  });
});

describe('kexec-file crash estimate', () => {
  it('prints the sum and the crashkernel= parameter', () => {
    const { status, stdout } = runCli('crash', 'estimate', corpus.cloudKernel(), '--machine', 'qemu-virt');
    expect(status).toBe(0);
    expect(stdout).toMatch(/ MiB {2}kernel +image_size, rounded up to 2 MiB\n/);
    expect(stdout).toMatch(/ MiB {2}sum\n/);
    expect(stdout).toMatch(
      /\n {3}256\.0 MiB {2}what kdumpctl would reserve +RAM from 2 GiB on\n\ncrashkernel=256M\n.*\n {2}where to add it: the hypervisor's setting: -append of QEMU/,
    );
  });

  it('prints the parts in bytes as JSON', () => {
    const { stdout } = runCli('crash', 'estimate', corpus.cloudKernel(), '--machine', 'qemu-virt', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      parts: expect.arrayContaining([
        { what: 'user memory', bytes: '0x4000000', why: 'programs and page cache' },
      ]),
      usual: { bytes: '0x10000000' },
      parameter: 'crashkernel=256M',
      bootLoader: 'hypervisor',
      place: expect.stringContaining('-append of QEMU'),
    });
  });
});

describe('kexec-file crash initrd', () => {
  const build = (...options: string[]) => {
    const output = join(makeTemporaryFolder(), 'initrd');
    return { ...runCli('crash', 'initrd', '-o', output, ...options), output };
  };
  const busybox = ['--busybox', corpus.busybox()];

  it('writes the same bytes each time, compressed by gzip, with modules in order', () => {
    const options = [...busybox, '--save', '9p=dumps', '--modules', corpus.modules(), '--module', 'nvme'];
    const [first, second] = [build(...options), build(...options)];
    expect(first).toMatchObject({ status: 0, stdout: '' });
    expect(first.stderr).toMatch(/^\S+initrd: [\d.]+ MiB, an initrd for arm64 that saves to 9p=dumps\n$/);
    expect(readFileSync(second.output).equals(readFileSync(first.output))).toBe(true);
    const { entries } = parseCpio(gunzipSync(readFileSync(first.output)));
    const modules = Buffer.from(entries.find(({ name }) => name === 'capture/modules')?.bytes ?? []);
    const files = modules.toString().trimEnd().split('\n');
    expect(files).toEqual(
      expect.arrayContaining(['virtio_pci.ko', '9pnet_virtio.ko', '9p.ko', 'nvme_core.ko']),
    );
    expect(files.at(-1)).toBe('nvme.ko');
  });

  it.each([
    ['capture-target', [...busybox, '--save', 'nfs=server:/crash']],
    ['capture-busybox', ['--busybox', 'package.json', '--save', '9p=dumps']],
    ['kernel-module', [...busybox, '--save', '9p=dumps', '--modules', 'docs']],
  ])('refuses by %s', (check, options) => {
    const { status, stderr, output } = build(...options);
    expect(status).toBe(1);
    expect(stderr).toContain(`(${check})`);
    expect(existsSync(output)).toBe(false);
  });

  it('is for x86_64 if its busybox is, and takes no modules of arm64 then', () => {
    const x86 = ['--busybox', corpus.x86Busybox(), '--save', 'raw=/dev/nvme0n1'];
    const { status, stderr, output } = build(...x86);
    expect([status, stderr]).toEqual([0, expect.stringContaining('an initrd for x86_64 that saves')]);
    const { entries } = parseCpio(gunzipSync(readFileSync(output)));
    const found = entries.find(({ name }) => name === 'bin/busybox');
    expect(Buffer.from(found?.bytes ?? []).equals(readFileSync(corpus.x86Busybox()))).toBe(true);
    const mixed = build(...x86, '--modules', corpus.modules(), '--module', 'nvme');
    expect([mixed.status, mixed.stderr]).toEqual([1, expect.stringContaining('ENOEXEC (kernel-module)')]);
    expect(mixed.stderr).toContain('e_machine is 183, not 62');
  });

  it('names the package that contains a busybox', () => {
    expect(build('--busybox', process.execPath, '--save', '9p=x').stderr).toContain('busybox-static');
  });

  it('reports a missing target as wrong usage', () => {
    expect(build(...busybox).status).toBe(2);
    expect(build(...busybox, '--save', '9p=x', '--wait', 'long').status).toBe(2);
  });
});

describe('kexec-file crash rehearse', () => {
  it.each([
    ['kernel-file', ['--kernel', corpus.cloudKernel(), '--busybox', corpus.x86Busybox()]],
    ['capture-busybox', ['--kernel', corpus.x86CloudKernel(), '--busybox', corpus.busybox()]],
  ])('refuses the other architecture by %s', (check, options) => {
    const machine = ['--machine', 'qemu-q35', '--crashkernel', '128M', '--memory', '512M'];
    const run = runCli('crash', 'rehearse', ...machine, ...options, '--console', '/dev/null');
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining(`ENOEXEC (${check})`)]);
  });

  it('refuses an exception level on x86_64', () => {
    const run = runCli('crash', 'rehearse', '--machine', 'qemu-q35', '--el', '2');
    expect([run.status, run.stderr]).toEqual([2, expect.stringContaining('no exception levels')]);
  });

  const files = ['--kernel', corpus.cloudKernel(), '--busybox', corpus.busybox(), '--console', '/dev/null'];

  it('refuses a machine without crashkernel=', () => {
    const { status, stderr } = runCli('crash', 'rehearse', '--machine', 'qemu-virt', ...files);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^refused: EADDRNOTAVAIL \(crash-region\)\n {2}seen .* has no crashkernel=\n[\s\S]*cure .*--crashkernel 256M/,
    );
  });

  it('asks for --kernel if the kernel is unknown', () => {
    const { status, stderr } = runCli('crash', 'rehearse', '--machine', machineFile());
    expect(status).toBe(1);
    expect(stderr).toContain('give the kernel with --kernel');
  });
});
