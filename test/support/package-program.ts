import { join } from 'node:path';
import { corpus } from './corpus.js';
import { runProgram } from './programs.js';

/** Programs of an architecture of Debian. */
interface Programs {
  /** What runs them on another CPU. */
  readonly emulator: string;
  /** Whether they run on this machine without it. */
  readonly isNative: boolean;
  readonly folders: readonly string[];
  /** Packages of the C libraries: keys of `scripts/debian.mjs`. */
  readonly libraries: readonly string[];
  /** The C library's loader, in its package: the first one. */
  readonly loader: string;
}

const LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1'];

const ARM64: Programs = {
  emulator: 'qemu-aarch64',
  isNative: false,
  folders: ['lib/aarch64-linux-gnu', 'usr/lib/aarch64-linux-gnu'],
  libraries: LIBRARIES,
  loader: 'lib/aarch64-linux-gnu/ld-linux-aarch64.so.1',
};

const X86_64: Programs = {
  emulator: 'qemu-x86_64',
  isNative: process.arch === 'x64',
  folders: ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu'],
  libraries: LIBRARIES.map((name) => `image-${name}:amd64`),
  loader: 'lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
};

/**
 * The command that runs a program of a Debian package on this machine, by the C library's loader: under qemu-user, unless it is
 * for this CPU, x86_64.
 *
 * @param key - of `scripts/debian.mjs`: a package with its libraries
 * @param program - its path in the package
 */
export function buildPackageCommand(key: string, program: string): [string, ...string[]] {
  const { emulator, isNative, folders, libraries, loader } = key.endsWith(':amd64') ? X86_64 : ARM64;
  const packages = [key, ...libraries].map((name) => corpus.debianPackage(name));
  const found = packages.flatMap((folder) => folders.map((name) => join(folder, name)));
  const command: [string, ...string[]] = [
    join(packages[1] ?? '', loader),
    ...['--library-path', found.join(':'), join(corpus.debianPackage(key), program)],
  ];
  return isNative ? command : [emulator, ...command];
}

/** Runs a program of a Debian package; throws if it fails. @returns its standard output */
export function runPackageProgram(key: string, path: string, ...args: readonly string[]): string {
  const [program, ...rest] = buildPackageCommand(key, path);
  return runProgram(program, [...rest, ...args]);
}

/** Runs makedumpfile for arm64. Returns both outputs as one text, whether it fails or not. */
export function callMakedumpfile(...args: readonly string[]): string {
  const [program, ...rest] = buildPackageCommand('makedumpfile', MAKEDUMPFILE);
  return runProgram('sh', ['-c', '"$@" 2>&1 || true', 'sh', program, ...rest, ...args]);
}

/** Runs makedumpfile for arm64; throws if it fails. */
export function runMakedumpfile(...args: readonly string[]): void {
  runPackageProgram('makedumpfile', MAKEDUMPFILE, ...args);
}

/** Runs makedumpfile for x86_64; throws if it fails. */
export function runX86Makedumpfile(...args: readonly string[]): void {
  runPackageProgram('makedumpfile:amd64', MAKEDUMPFILE, ...args);
}

/** Runs makedumpfile for arm64 with its standard output written to a file; throws if it fails. */
export function runMakedumpfileTo(file: string, ...args: readonly string[]): void {
  const command = buildPackageCommand('makedumpfile', MAKEDUMPFILE);
  runProgram('sh', ['-c', 'file=$1; shift; "$@" > "$file"', 'sh', file, ...command, ...args]);
}

/** Runs makedumpfile for arm64 with a file as its standard input; throws if it fails. */
export function runMakedumpfileFrom(file: string, ...args: readonly string[]): void {
  const command = buildPackageCommand('makedumpfile', MAKEDUMPFILE);
  runProgram('sh', ['-c', 'file=$1; shift; "$@" < "$file"', 'sh', file, ...command, ...args]);
}

const MAKEDUMPFILE = 'usr/bin/makedumpfile';
