import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTemporaryFolder, output } from '../programs.js';

const PREFIX = process.env.CROSS_COMPILE ?? 'aarch64-linux-gnu-';

/** From the root of the repository, where npm and vitest run programs. */
const FOLDER = 'test/support/oracle';

/** Builds a program for the oracle: an arm64 executable without libc. */
export function buildProgram(source: 'asker.S' | 'syscall.S'): Uint8Array {
  return inTemporaryFolder((folder) => {
    const object = join(folder, 'object');
    const executable = join(folder, 'executable');
    output(`${PREFIX}as`, ['-o', object, join(FOLDER, source)]);
    output(`${PREFIX}ld`, ['-static', '--build-id=none', '-o', executable, object]);
    return new Uint8Array(readFileSync(executable));
  });
}

/** The init script for placement, or for crashes. */
export function guestScript(name: 'guest.sh' | 'crash.sh'): Uint8Array {
  return new Uint8Array(readFileSync(join(FOLDER, name)));
}
