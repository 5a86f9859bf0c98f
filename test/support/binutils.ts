import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the tools of an architecture's GNU binutils begin with. */
const PREFIXES = {
  arm64: process.env.CROSS_COMPILE ?? 'aarch64-linux-gnu-',
  'x86-64': process.env.CROSS_COMPILE_X86_64 ?? 'x86_64-linux-gnu-',
} as const;

type Target = keyof typeof PREFIXES;

interface Folder {
  write(name: string, contents: Uint8Array | string): void;
  read(name: string): Uint8Array;
  /** Runs a program of the GNU binutils. Returns its output; throws if it is missing or fails. */
  run(tool: string, ...args: string[]): string;
}

function inFolder<T>(target: Target, work: (folder: Folder) => T): T {
  const prefix = PREFIXES[target];
  const path = mkdtempSync(join(tmpdir(), 'binutils-'));
  try {
    return work({
      write: (name, contents) => writeFileSync(join(path, name), contents),
      read: (name) => new Uint8Array(readFileSync(join(path, name))),
      run: (tool, ...args) => {
        const { status, error, stdout, stderr } = spawnSync(prefix + tool, args, {
          cwd: path,
          encoding: 'utf8',
        });
        if (error !== undefined) throw new Error(`${prefix}${tool} cannot be run`, { cause: error });
        if (status !== 0) throw new Error(`${prefix}${tool} failed: ${stderr}`);
        return stdout + stderr;
      },
    });
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** Assembles a source into a relocatable object. @param options - of the assembler */
export function assemble(
  source: string,
  target: Target = 'arm64',
  ...options: readonly string[]
): Uint8Array {
  return inFolder(target, ({ write, read, run }) => {
    write('in.s', `${source}\n`);
    run('as', ...options, '-o', 'out.o', 'in.s');
    return read('out.o');
  });
}

/**
 * Links an object with GNU ld. Returns the memory image from `base` on, without the .bss at its end.
 *
 * @param sections - the names of the sections, in the order of their addresses
 * @param symbols - the addresses of symbols that the object leaves undefined
 */
export function linkWithLd(
  object: Uint8Array,
  base: bigint,
  sections: readonly string[],
  symbols: Readonly<Record<string, bigint>> = {},
  target: Target = 'arm64',
): Uint8Array {
  return inFolder(target, ({ write, read, run }) => {
    const placed = sections.map((name) => `${name} : { *(${name}) }`);
    write('in.o', object);
    write('script.ld', `SECTIONS { . = ${base}; ${placed.join(' ')} }`);
    const defined = Object.entries(symbols).map(([name, address]) => `--defsym=${name}=${address}`);
    run('ld', '-T', 'script.ld', '--build-id=none', '-e', '0', ...defined, '-o', 'out.elf', 'in.o');
    run('objcopy', '-O', 'binary', 'out.elf', 'out.bin');
    return read('out.bin');
  });
}

/** The output of `readelf`, warnings included: everything about a file, unless other options are given. */
export function runReadelf(file: Uint8Array, options = '-aW'): string {
  return inFolder('arm64', ({ write, run }) => {
    write('file.elf', file);
    return run('readelf', options, 'file.elf');
  });
}

/** Assembles and links a source into a static program for Linux, whose entry is `_start`. @param options - of the assembler */
export function buildProgram(source: string, target: Target, ...options: readonly string[]): Uint8Array {
  const object = assemble(source, target, ...options);
  return inFolder(target, ({ write, read, run }) => {
    write('in.o', object);
    run('ld', '-n', '--build-id=none', '-o', 'program', 'in.o');
    return read('program');
  });
}
