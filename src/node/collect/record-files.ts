import { lstatSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hasMagic } from '../../formats/magics.js';
import type { UnknownFact } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { type Collected, recordMachine } from '../../machine/record.js';
import { type Allocate, readFile } from '../files/read-file.js';
import type { CollectedFiles } from './collected-files.js';
import { buildFdtFromFolder } from './device-tree-folder.js';
import { MAX_BINARY_BYTES, MAX_FILE_BYTES, MAX_TEXT_BYTES, SOURCES, UNKNOWN_FILE } from './sources.js';

/**
 * Records a machine from collected files.
 *
 * @param unknown - facts that could not be read; those in the collected file `unknown` are added
 * @throws KexecError as {@link recordMachine}; check `machine-archive` for a damaged compressed file and for a text of
 *   more than 2 MiB, `cpuinfo` of more than 24 MiB
 */
export function recordFiles(
  name: string,
  files: CollectedFiles,
  unknown: readonly UnknownFact[] = [],
): Machine {
  const collected = decodeFiles(files);
  const fdt = collected.fdt ?? buildFdtFromFolder('device-tree', files);
  const listed = decodeText(UNKNOWN_FILE, files.get(UNKNOWN_FILE) ?? new Uint8Array(0));
  return recordMachine(name, fdt === undefined ? collected : { ...collected, fdt }, [
    ...unknown,
    ...parseUnknown(listed),
  ]);
}

/**
 * Decompresses and decodes collected files.
 *
 * @throws KexecError check `machine-archive`, as {@link recordFiles}
 */
export function decodeFiles(files: CollectedFiles): Collected {
  const collected: Record<string, string | Uint8Array> = {};
  for (const source of SOURCES) {
    const bytes = files.get(source.name);
    if (bytes === undefined) continue;
    const isText = source.form === 'text';
    const { maxBytes = isText ? MAX_TEXT_BYTES : MAX_BINARY_BYTES } = source;
    const plain = gunzip(source.name, bytes, maxBytes);
    collected[source.name] = isText ? decodeText(source.name, plain, maxBytes) : new Uint8Array(plain);
  }
  return collected;
}

function decodeText(name: string, bytes: Uint8Array, limit: number = MAX_TEXT_BYTES): string {
  if (bytes.length > limit) refuseLargerFile(name, limit);
  return new TextDecoder().decode(bytes);
}

/** Parses the file `unknown`: name, tab and reason in each line. Lines without a tab are ignored. */
function parseUnknown(text: string): UnknownFact[] {
  return text.split('\n').flatMap((line) => {
    const tab = line.indexOf('\t');
    return tab < 0 ? [] : [{ fact: line.slice(0, tab), reason: line.slice(tab + 1).trim() }];
  });
}

/**
 * Decompresses a file if it has the magic of gzip (RFC 1952): /proc/config.gz and compressed tars.
 *
 * @param limit - the most bytes that it may unpack to
 */
export function gunzip(name: string, bytes: Uint8Array, limit: number = MAX_FILE_BYTES): Uint8Array {
  if (!hasMagic(bytes, 'gzip')) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') refuseLargerFile(name, limit);
    refuse('machine-archive', 'EINVAL', `${name} cannot be unpacked: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Reads a file, or a pipe, of limited size.
 *
 * @param path - `-` is standard input
 * @param limit - in bytes
 * @param allocate - as for readFile()
 * @throws KexecError `EFBIG`, check `machine-archive`, if it is larger; else the system's errno
 */
export function readBounded(path: string, limit: number = MAX_FILE_BYTES, allocate?: Allocate): Uint8Array {
  return readFile(path, allocate, { limit, refuseLarger: refuseLargerFile });
}

/** Whether there is anything of that name: a link to nothing, too, so that reading it reports that. */
export function hasEntry(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Refuses a file of more bytes than the limit. @throws KexecError `EFBIG`, check `machine-archive`. */
export function refuseLargerFile(path: string, limit: number): never {
  refuse('machine-archive', 'EFBIG', `${path} has more than ${formatBytes(limit)}`, {
    cure: 'give a machine file, or what the collector collected: both have some hundred KiB',
  });
}
