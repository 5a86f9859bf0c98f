import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import { formatMachine } from '../../src/machine/schema.js';
import { writeFile } from '../../src/node/files/write-file.js';
import { type CliRun, makeTemporaryFolder, runCli, runCliFrom, runCliOn } from '../support/cli.js';
import { parseReports } from '../support/json-reports.js';
import { readReducedVmcore } from '../support/vmcore.js';
import { WITNESS_FILE } from '../support/witness.js';

const IMAGE = readFileSync(WITNESS_FILE);
const GZIP = gzipSync(IMAGE);
const MACHINE = new TextEncoder().encode(formatMachine(PRESETS['qemu-virt']()));

/** What is the same for a file and for standard input, by the name of the file in its place. */
function withoutName({ status, stdout }: CliRun, name: string): object {
  return { status, stdout: stdout.replaceAll(name, '-') };
}

describe('- is standard input', () => {
  it.each([
    ['the kernel of plan', IMAGE, ['plan', '-', '--json'], ['plan', WITNESS_FILE, '--json']],
    ['a compressed kernel', GZIP, ['plan', '-', '--json'], undefined],
    ['the kernel of explain', IMAGE, ['explain', '-', '--json'], undefined],
    ['an initrd', GZIP, ['plan', WITNESS_FILE, '--initrd', '-', '--json'], undefined],
    [
      'the machine',
      MACHINE,
      ['plan', WITNESS_FILE, '--machine', '-', '--json'],
      ['plan', WITNESS_FILE, '--json'],
    ],
    ['the kernel of preflight', IMAGE, ['preflight', '-', 'qemu-virt', '--json'], undefined],
    ['a machine of preflight', MACHINE, ['preflight', WITNESS_FILE, '-', '--json'], undefined],
    ['the kernel of doctor', IMAGE, ['doctor', '-', '--machine', 'qemu-virt', '--json'], undefined],
    [
      'a machine to show',
      MACHINE,
      ['machine', 'show', '-', '--json'],
      ['machine', 'show', 'qemu-virt', '--json'],
    ],
    ['any file', GZIP, ['inspect', '-', '--json'], undefined],
    ['the capture kernel', IMAGE, ['crash', 'estimate', '-', '--machine', 'qemu-virt', '--json'], undefined],
  ] as const)('through a pipe: %s', (_, bytes, args, same) => {
    const piped = runCliOn(bytes, ...args);
    expect(piped.stderr).not.toContain('cannot read');
    const [report] = parseReports(piped.stdout);
    expect(JSON.stringify(report)).not.toMatch(/"(file-access|file-kind|machine-schema)"/);
    if (same !== undefined) expect(piped.stdout).toBe(runCli(...same).stdout);
  });

  it('of which a file may be redirected there', () => {
    const redirected = runCliFrom(WITNESS_FILE, 'verify', '-', '--json');
    expect(redirected).toEqual(runCliOn(IMAGE, 'verify', '-', '--json'));
    expect(withoutName(runCli('verify', WITNESS_FILE, '--json'), WITNESS_FILE)).toEqual(
      withoutName(redirected, '-'),
    );
  });

  it.each([
    ['plan', '-', '--initrd', '-'],
    ['verify', '-', '-'],
    ['verify', '-', '--cert', '-'],
    ['plan', WITNESS_FILE, '--keyring', 'platform:-', '--dbx', '/dev/stdin'],
    ['plan', '--machine', '-', '--', '-#conf-2'],
    ['preflight', '-', '-'],
    ['explain', '-', '--log', '-'],
    ['sign', '-', '--key', '-', '--cert', 'c.pem'],
    ['signature', 'attach', '-', '-', '-o', '-'],
    ['vmcore', 'gdb', '-', '-'],
  ])('once: kexec-file %s %s %s %s', (...args) => {
    const { status, stdout, stderr } = runCliOn(IMAGE, ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: .* name standard input, which can be read once/);
  });

  it('but not of a file that another program reads', () => {
    const { status, stderr } = runCliOn(IMAGE, 'vmcore', 'gdb', '-', 'vmlinux');
    expect(status).toBe(2);
    expect(stderr).toContain('gdb reads the files itself');
  });

  it('beside outputs and texts that are called -', () => {
    expect(runCliOn(IMAGE, 'plan', '-', '--command-line', '-', '--svg', '-').stdout).toMatch(/^<svg/);
  });

  it('of dumps only if it can be read in any order: a file is redirected there', () => {
    const bytes = readReducedVmcore('linux-6.12-48bit');
    const file = join(makeTemporaryFolder(), 'vmcore');
    writeFileSync(file, bytes);
    expect(runCliFrom(file, 'vmcore', 'info', '-')).toEqual(runCli('vmcore', 'info', file));
    expect(runCliFrom(file, 'vmcore', 'dmesg', '-').stdout).toBe(runCli('vmcore', 'dmesg', file).stdout);
    const piped = runCliOn(bytes, 'vmcore', 'info', '-', '--json');
    expect(parseReports(piped.stdout)).toMatchObject([
      {
        refusal: {
          check: 'file-access',
          detail: expect.stringContaining('standard input is'),
          cure: expect.stringContaining('<'),
        },
      },
    ]);
  });
});

describe('- is standard output', () => {
  it('of the picture and the ELF file, and what is for people goes to standard error', () => {
    const svg = runCliOn(IMAGE, 'plan', '-', '--svg', '-');
    expect(svg.stdout).toMatch(/^<svg(.|\n)*<\/svg>\n?$/);
    expect(svg.stderr).toContain('file-size');
    expect(runCliOn(IMAGE, 'plan', '-', '--elf', '-').stdout.slice(1, 4)).toBe('ELF');
  });

  it('of one output alone', () => {
    const { status, stderr } = runCli('plan', WITNESS_FILE, '--svg', '-', '--elf', '-');
    expect(status).toBe(1);
    expect(stderr).toContain('--svg');
    const [report] = parseReports(runCli('plan', WITNESS_FILE, '--svg', '-', '--json').stdout);
    expect(report).toMatchObject({ refusal: { errno: 'EEXIST', check: 'file-access' } });
  });

  it('of a machine, with and without -o', () => {
    const folder = makeTemporaryFolder();
    const file = join(folder, 'machine.json');
    writeFileSync(file, MACHINE);
    const recorded = runCli('machine', 'collector', '-o', '-');
    expect(recorded.stdout).toBe(runCli('machine', 'collector').stdout);
    expect(recorded.stderr).toBe('');
  });

  it('but not of a binary file on a terminal', async () => {
    const { isTTY } = process.stdout;
    process.stdout.isTTY = true;
    onTestFinished(() => {
      process.stdout.isTTY = isTTY;
    });
    const error: unknown = await writeFile('-', [IMAGE]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KexecError);
    expect(error).toMatchObject({
      errno: 'EINVAL',
      check: 'file-access',
      cure: expect.stringContaining('redirect'),
    });
  });

  it('and an input that is redirected is not replaced', () => {
    const file = join(makeTemporaryFolder(), 'Image');
    copyFileSync(WITNESS_FILE, file);
    const { status, stderr } = runCliFrom(file, 'plan', '-', '--elf', file, '--force');
    expect(status).toBe(1);
    expect(stderr).toContain('standard input');
    expect(readFileSync(file).equals(IMAGE)).toBe(true);
  });
});
