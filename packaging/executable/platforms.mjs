/** The platforms of the executable, and how this machine runs their programs. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianPackage, fetchDebianPackages, listNodeLibraries } from '../../scripts/debian.mjs';
import { run } from './run.mjs';

/** By the name that Node has for the CPU: the prefix of its binutils, and QEMU's program for it. */
export const PLATFORMS = {
  x64: { binutils: 'x86_64-linux-gnu', qemu: 'qemu-x86_64' },
  arm64: { binutils: 'aarch64-linux-gnu', qemu: 'qemu-aarch64' },
};

/**
 * Runs a program for a CPU: by QEMU, with Debian's libraries, if that is not the CPU of this machine.
 *
 * @param cpu - a key of PLATFORMS
 * @throws Error with what it printed, if it fails
 */
export function runFor(cpu, program, args) {
  if (cpu === process.arch) return run(program, args);
  const keys = listNodeLibraries(cpu);
  fetchDebianPackages(keys);
  const root = mkdtempSync(join(tmpdir(), 'kexec-file-libraries-'));
  try {
    for (const key of keys) linkFiles(debianPackage(key), root);
    return run(PLATFORMS[cpu].qemu, ['-L', root, program, ...args]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Makes links to all files of a folder, in the same folders below another. */
function linkFiles(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFiles(source, target);
    else if (!existsSync(target)) symlinkSync(source, target);
  }
}
