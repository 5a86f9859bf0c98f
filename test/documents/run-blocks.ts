/** Runs the shell blocks of a document, on this machine and in a guest. */
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { runGuest } from '../guest/guest.js';
import { buildSecondInitrd } from '../guest/second-kernel.js';
import { makeTemporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { readBlocks } from './blocks.js';

/** Runs a script with `set -e` and the built command in PATH. */
export function runScript(script: string, folder: string): { status: number | null; output: string } {
  const bin = makeTemporaryFolder();
  symlinkSync(resolve('bin/kexec-file.js'), join(bin, 'kexec-file'));
  const { status, stdout, stderr, error } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
  });
  if (error !== undefined) throw error;
  return { status, output: stdout + stderr };
}

/** Runs the blocks for an arm64 machine in a guest. The last one enters the next kernel. */
export async function runInGuest(document: string): Promise<{ output: string; console: string }> {
  return runGuest({
    files: {
      '/documents/vmlinuz': corpus.cloudKernel(),
      '/documents/shimaa64.efi.signed': corpus.shim(),
      '/documents/initrd.img': buildSecondInitrd(Buffer.from('payload')),
    },
    commandLine: 'greeting=hello',
    script: `set -e\ncd /documents\n${readBlocks(document, 'guest')}`,
  });
}
