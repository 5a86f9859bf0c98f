import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { decodeLatin1 } from '../../base/bytes.js';
import { KexecError, refuse } from '../../base/error.js';
import { recordFiles } from '../../machine/collect/record-files.js';
import { type Place, RELEASE, type Reading, type Source } from '../../machine/collect/source.js';
import {
  DENIED,
  describeUnmounted,
  MAX_PROGRAM_BYTES,
  NOT_FOUND,
  SOURCES,
} from '../../machine/collect/sources.js';
import type { UnknownFact } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { FolderReader } from './folder-reader.js';
import { findHostArchitecture } from './host-architecture.js';
import { readHeaders, readKcoreVmcoreinfo } from './kcore.js';
import { nodeGunzip } from './node-gunzip.js';
import { readTree } from './record-folder.js';

/**
 * Records the machine that the program runs on, under its host name. `unknown` lists the facts that could not be read,
 * with reasons.
 *
 * @throws KexecError `EOPNOTSUPP`, check `machine-live`, on other systems than Linux on arm64 and x86_64; check `machine-facts` if
 *   the device tree or the RAM cannot be read
 */
export function recordLive(): Machine {
  if (findHostArchitecture() === undefined) {
    refuse('machine-live', 'EOPNOTSUPP', `this is ${process.platform} on ${process.arch}`);
  }
  const { files, unknown } = collectLive('/');
  return recordFiles(hostname(), files, { unknown, gunzip: nodeGunzip });
}

/** The files that were read, and the facts that could not be read. */
interface LiveFiles {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly unknown: readonly UnknownFact[];
}

/**
 * Reads facts of this machine.
 *
 * @param root - the folder of the machine's files: `/`, or another folder in tests
 * @param sources - all if left out
 */
export function collectLive(root: string, sources: readonly Source[] = SOURCES): LiveFiles {
  const files = new Map<string, Uint8Array>();
  const unknown: UnknownFact[] = [];
  for (const source of sources) {
    if (isSuperseded(files, source)) continue;
    try {
      readSource(root, source, files);
    } catch (cause) {
      const reason = describeFailure(root, source, cause);
      if (reason !== undefined) unknown.push({ fact: source.name, reason });
    }
  }
  return { files, unknown };
}

function isSuperseded(files: ReadonlyMap<string, Uint8Array>, { unless }: Source): boolean {
  const better = unless && files.get(unless.file);
  if (unless === undefined || better === undefined) return false;
  if (unless.has.includes('')) return true;
  const text = decodeLatin1(better);
  return unless.has.some((part) => text.includes(part));
}

function readSource(root: string, { name, from }: Source, files: Map<string, Uint8Array>): void {
  if (from.kind !== 'tree') {
    files.set(name, read(root, from));
    return;
  }
  const path = join(root, from.path);
  const reader = new FolderReader(path);
  readTree(reader.requireInside(path), name, { files, reader });
}

function read(root: string, from: Exclude<Reading, { kind: 'tree' }>): Uint8Array {
  switch (from.kind) {
    case 'file':
      return readFirst(root, from.places);
    case 'folders':
      return readFolders(join(root, from.path), from);
    case 'elf-headers':
      return readHeaders(join(root, from.path));
    case 'named-folders':
      return readNamedFolders(join(root, from.path), from.file);
    case 'lines':
      return readLines(join(root, from.path), from.pattern);
    case 'vmcoreinfo':
      return readKcoreVmcoreinfo(join(root, from.path));
    case 'paths':
      return encodeLines(from.paths.filter((path) => existsSync(join(root, path))));
    case 'program':
      return encodeLines(describeProgram(root, from));
  }
}

/** Reads the first file that exists. @throws Node's error on the last one if none does */
function readFirst(root: string, places: readonly [Place, ...Place[]]): Uint8Array {
  const [{ path, before = [] }, next, ...others] = places;
  try {
    const actual = path.replace(RELEASE, () => readRelease(root));
    const bytes = readFileSync(join(root, actual));
    return before.length === 0 ? bytes : Buffer.concat([Uint8Array.from(before), bytes]);
  } catch (cause) {
    if (next === undefined || getErrorCode(cause) !== 'ENOENT') throw cause;
    return readFirst(root, [next, ...others]);
  }
}

function readRelease(root: string): string {
  return readFileSync(join(root, '/proc/sys/kernel/osrelease'), 'utf8').trim();
}

function readFolders(folder: string, { prefix, files }: Extract<Reading, { kind: 'folders' }>): Uint8Array {
  const numbers = readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)));
  const lines = numbers
    .sort((a, b) => a - b)
    .map((number) => {
      const name = `${prefix}${number}`;
      return [name, ...files.map((file) => readFileSync(join(folder, name, file), 'utf8').trim())].join(' ');
    });
  return encodeLines(lines);
}

function readNamedFolders(folder: string, file: string): Uint8Array {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).sort();
  return encodeLines(
    names.map((name) => `${name}\t${readFileSync(join(folder, name, file), 'utf8').trim()}`),
  );
}

/** Describes a program; no lines if it is not installed. */
function describeProgram(root: string, { paths, mark }: Extract<Reading, { kind: 'program' }>): string[] {
  const path = paths.find((each) => existsSync(join(root, each)));
  if (path === undefined) return [];
  const file = realpathSync(join(root, path));
  const way = relative(realpathSync(root), file);
  const version = findVersion(file, mark);
  return [
    `path ${path}`,
    `file ${way.startsWith('..') ? file : join('/', way)}`,
    ...(version === undefined ? [] : [`version ${version}`]),
  ];
}

/** Finds the version in a program's bytes: what follows the mark, where a text begins. */
function findVersion(path: string, mark: string): string | undefined {
  const status = statSync(path);
  if (!status.isFile() || status.size > MAX_PROGRAM_BYTES) return undefined;
  const text = readFileSync(path, 'latin1');
  return new RegExp(`(?:^|[^ -~])${mark}(\\d[\\d.]{0,30})`).exec(text)?.[1];
}

function encodeLines(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
}

function readLines(path: string, pattern: string): Uint8Array {
  const lines = readFileSync(path, 'latin1').match(new RegExp(pattern, 'gm')) ?? [];
  return Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
}

/** Describes why a source could not be read; undefined if the kernel need not have it. */
function describeFailure(root: string, source: Source, cause: unknown): string | undefined {
  if (cause instanceof KexecError && cause.check !== 'file-access') return cause.seen;
  const code = cause instanceof KexecError ? cause.errno : getErrorCode(cause);
  const { absent, mount, isMostlyDenied } = source;
  if (code === 'EACCES' || code === 'EPERM') return isMostlyDenied === true ? undefined : DENIED;
  if (code !== 'ENOENT') return (cause as Error).message;
  if (mount !== undefined && isEmptyFolder(join(root, mount.path))) return describeUnmounted(mount);
  return absent === undefined ? undefined : `${NOT_FOUND}: ${absent}`;
}

function isEmptyFolder(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return false;
  }
}

function getErrorCode(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}
