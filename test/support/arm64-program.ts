import { join } from 'node:path';
import { corpus } from './corpus.js';
import { runProgram } from './programs.js';

const FOLDERS = ['lib/aarch64-linux-gnu', 'usr/lib/aarch64-linux-gnu'];
const LOADER = 'lib/aarch64-linux-gnu/ld-linux-aarch64.so.1';
const C_LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1'];

/**
 * The command that runs a program of a Debian arm64 package on this machine: under qemu-user, by the C library's
 * loader.
 *
 * @param key - of `scripts/debian.mjs`: a package with its libraries
 * @param program - its path in the package
 */
export function buildArm64Command(key: string, program: string): [string, ...string[]] {
  const packages = [key, ...C_LIBRARIES].map((name) => corpus.debianPackage(name));
  const libraries = packages.flatMap((folder) => FOLDERS.map((name) => join(folder, name)));
  const loader = join(corpus.debianPackage('libc6'), LOADER);
  return [
    'qemu-aarch64',
    ...[loader, '--library-path', libraries.join(':'), join(corpus.debianPackage(key), program)],
  ];
}

/** Runs makedumpfile. Returns both outputs as one text, whether it fails or not. */
export function callMakedumpfile(...args: readonly string[]): string {
  const [program, ...rest] = buildArm64Command('makedumpfile', 'usr/bin/makedumpfile');
  return runProgram('sh', ['-c', '"$@" 2>&1 || true', 'sh', program, ...rest, ...args]);
}

/** Runs makedumpfile; throws if it fails. */
export function runMakedumpfile(...args: readonly string[]): void {
  const [program, ...rest] = buildArm64Command('makedumpfile', 'usr/bin/makedumpfile');
  runProgram(program, [...rest, ...args]);
}

/** Runs makedumpfile with its standard output written to a file; throws if it fails. */
export function runMakedumpfileTo(file: string, ...args: readonly string[]): void {
  const command = buildArm64Command('makedumpfile', 'usr/bin/makedumpfile');
  runProgram('sh', ['-c', 'file=$1; shift; "$@" > "$file"', 'sh', file, ...command, ...args]);
}

/** Runs makedumpfile with a file as its standard input; throws if it fails. */
export function runMakedumpfileFrom(file: string, ...args: readonly string[]): void {
  const command = buildArm64Command('makedumpfile', 'usr/bin/makedumpfile');
  runProgram('sh', ['-c', 'file=$1; shift; "$@" < "$file"', 'sh', file, ...command, ...args]);
}
