import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, withTemporaryFolder } from '../programs.js';

/** The prefixes of binutils' programs. */
const PREFIXES = {
  arm64: process.env.CROSS_COMPILE ?? 'aarch64-linux-gnu-',
  x86_64: 'x86_64-linux-gnu-',
};

/** From the root of the repository, where npm and vitest run programs. */
const FOLDER = 'test/support/oracle';

/** Builds a program for an oracle: an executable without libc. @param source - a file beside this one */
export function buildProgram(source: string, architecture: keyof typeof PREFIXES = 'arm64'): Uint8Array {
  const prefix = PREFIXES[architecture];
  return withTemporaryFolder((folder) => {
    const object = join(folder, 'object');
    const executable = join(folder, 'executable');
    runProgram(`${prefix}as`, ['-o', object, join(FOLDER, source)]);
    runProgram(`${prefix}ld`, ['-static', '--build-id=none', '-o', executable, object]);
    return new Uint8Array(readFileSync(executable));
  });
}

/** A script for a guest. @param name - a file beside this one */
export function readGuestFile(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FOLDER, name)));
}
