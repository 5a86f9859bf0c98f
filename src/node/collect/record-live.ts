import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { decodeLatin1 } from '../../base/bytes.js';
import { KexecError, refuse } from '../../base/error.js';
import type { UnknownFact } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { isArm64Linux } from './arm64-host.js';
import { FolderReader } from './folder-reader.js';
import { readKcoreVmcoreinfo } from './kcore.js';
import { recordFiles } from './record-files.js';
import { readTree } from './record-folder.js';
import {
  DENIED,
  describeUnmounted,
  NOT_FOUND,
  type Place,
  RELEASE,
  type Reading,
  SOURCES,
  type Source,
} from './sources.js';

/**
 * Records the machine that the program runs on, under its host name. `unknown` lists the facts that could not be read,
 * with reasons.
 *
 * @throws KexecError `EOPNOTSUPP`, check `machine-live`, on other systems than Linux on arm64; check `machine-facts` if
 *   the device tree or the RAM cannot be read
 */
export function recordLive(): Machine {
  if (!isArm64Linux()) {
    refuse('machine-live', 'EOPNOTSUPP', `this is ${process.platform} on ${process.arch}`);
  }
  const { files, unknown } = collectLive('/');
  return recordFiles(hostname(), files, unknown);
}

/** The files that were read, and the facts that could not be read. */
interface LiveFiles {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly unknown: readonly UnknownFact[];
}

/** Reads all {@link SOURCES}. @param root - the folder of the machine's files: `/`, or another folder in tests */
export function collectLive(root: string): LiveFiles {
  const files = new Map<string, Uint8Array>();
  const unknown: UnknownFact[] = [];
  for (const source of SOURCES) {
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
  return unless.has === '' || decodeLatin1(better).includes(unless.has);
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
    case 'cpus':
      return readCpus(join(root, from.path), from.files);
    case 'symbols':
      return readSymbols(join(root, from.path), from.names);
    case 'vmcoreinfo':
      return readKcoreVmcoreinfo(join(root, from.path));
    case 'paths':
      return encodeLines(from.paths.filter((path) => existsSync(join(root, path))));
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

function readCpus(folder: string, names: readonly string[]): Uint8Array {
  const cpus = readdirSync(folder)
    .filter((name) => /^cpu\d+$/.test(name))
    .sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)));
  const lines = cpus.map((cpu) =>
    [cpu, ...names.map((name) => readFileSync(join(folder, cpu, name), 'utf8').trim())].join(' '),
  );
  return encodeLines(lines);
}

function encodeLines(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
}

function readSymbols(path: string, names: readonly string[]): Uint8Array {
  const wanted = new RegExp(`^\\S+ \\S (?:${names.join('|')})\\n`, 'gm');
  return new TextEncoder().encode((readFileSync(path, 'latin1').match(wanted) ?? []).join(''));
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
