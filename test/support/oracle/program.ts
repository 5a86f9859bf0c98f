import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, withTemporaryFolder } from '../programs.js';

const PREFIX = process.env.CROSS_COMPILE ?? 'aarch64-linux-gnu-';

/** From the root of the repository, where npm and vitest run programs. */
const FOLDER = 'test/support/oracle';

/** Builds a program for the oracle: an arm64 executable without libc. */
export function buildProgram(source: 'asker.S' | 'syscall.S'): Uint8Array {
  return withTemporaryFolder((folder) => {
    const object = join(folder, 'object');
    const executable = join(folder, 'executable');
    runProgram(`${PREFIX}as`, ['-o', object, join(FOLDER, source)]);
    runProgram(`${PREFIX}ld`, ['-static', '--build-id=none', '-o', executable, object]);
    return new Uint8Array(readFileSync(executable));
  });
}

/** The init script for placement, or for crashes. */
export function readGuestScript(name: 'guest.sh' | 'crash.sh'): Uint8Array {
  return new Uint8Array(readFileSync(join(FOLDER, name)));
}
