import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTemporaryFolder, output } from '../programs.js';

const PREFIX = process.env.CROSS_COMPILE ?? 'aarch64-linux-gnu-';

/** From the repository's root, where npm and vitest start what they run. */
const SOURCE = 'test/support/oracle/asker.S';

/** Builds asker.S, the program that runs in the oracle: an arm64 executable without libc. */
export function buildAsker(): Uint8Array {
  return inTemporaryFolder((folder) => {
    const object = join(folder, 'asker.o');
    const executable = join(folder, 'asker');
    output(`${PREFIX}as`, ['-o', object, SOURCE]);
    output(`${PREFIX}ld`, ['-static', '--build-id=none', '-o', executable, object]);
    return new Uint8Array(readFileSync(executable));
  });
}
