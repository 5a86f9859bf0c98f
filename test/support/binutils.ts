import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = process.env.CROSS_COMPILE ?? 'aarch64-linux-gnu-';

interface Folder {
  write(name: string, contents: Uint8Array | string): void;
  read(name: string): Uint8Array;
  /** Runs a program of the GNU binutils for AArch64. Returns its output; throws if it is missing or fails. */
  run(tool: string, ...args: string[]): string;
}

function inFolder<T>(work: (folder: Folder) => T): T {
  const path = mkdtempSync(join(tmpdir(), 'binutils-'));
  try {
    return work({
      write: (name, contents) => writeFileSync(join(path, name), contents),
      read: (name) => new Uint8Array(readFileSync(join(path, name))),
      run: (tool, ...args) => {
        const { status, error, stdout, stderr } = spawnSync(PREFIX + tool, args, {
          cwd: path,
          encoding: 'utf8',
        });
        if (error !== undefined) throw new Error(`${PREFIX}${tool} cannot be run`, { cause: error });
        if (status !== 0) throw new Error(`${PREFIX}${tool} failed: ${stderr}`);
        return stdout + stderr;
      },
    });
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** Assembles a source into a relocatable object. */
export function assemble(source: string): Uint8Array {
  return inFolder(({ write, read, run }) => {
    write('in.s', `${source}\n`);
    run('as', '-o', 'out.o', 'in.s');
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
): Uint8Array {
  return inFolder(({ write, read, run }) => {
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
  return inFolder(({ write, run }) => {
    write('file.elf', file);
    return run('readelf', options, 'file.elf');
  });
}
