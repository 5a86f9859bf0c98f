import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseMachine } from '../../src/machine/schema.js';
import type { X86Machine } from '../../src/machine/x86-64/x86-machine.js';
import { makeTemporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';

/** A machine that the built command recorded, and its file. */
export interface RecordedPc {
  readonly machine: X86Machine;
  readonly file: string;
}

/**
 * Records a PC of QEMU with 768 MiB of RAM and a crash region of 192 MiB: `machine record --qemu`, with Debian's kernel.
 * Asynchronously, because it takes long.
 *
 * @param options - the board, and what else is not the default
 */
export async function recordPc(...options: readonly string[]): Promise<RecordedPc> {
  const file = join(makeTemporaryFolder(), 'pc.json');
  const boot = ['--kernel', corpus.x86CloudKernel(), '--busybox', corpus.x86Busybox()];
  const sizes = ['--memory', '768M', '--command-line', 'crashkernel=192M'];
  await promisify(execFile)(process.execPath, [
    ...['bin/kexec-file.js', 'machine', 'record', '--qemu', ...options, ...boot, ...sizes, '-o', file],
  ]);
  const machine = parseMachine(readFileSync(file, 'utf8'));
  if (machine.architecture !== 'x86_64') throw new Error(`a machine of ${machine.architecture} was recorded`);
  return { machine, file };
}
