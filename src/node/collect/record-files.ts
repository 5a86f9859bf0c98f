import { type Stats, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { KexecError, refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { hasMagic } from '../../formats/magics.js';
import type { UnknownFact } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { type Collected, recordMachine } from '../../machine/record.js';
import { type Allocate, readFile } from '../files/read-file.js';
import type { CollectedFiles } from './collected-files.js';
import { buildFdtFromFolder } from './device-tree-folder.js';
import { MAX_FILE_BYTES, MAX_TEXT_BYTES, SOURCES, UNKNOWN_FILE } from './sources.js';

/**
 * The machine that collected files tell of.
 *
 * @param unknown - what could not be collected; the file of that name adds to it.
 * @throws KexecError as {@link recordMachine}; check `machine-archive` for a compressed file that is damaged,
 *   and for a text beyond 2 MiB.
 */
export function recordFiles(
  name: string,
  files: CollectedFiles,
  unknown: readonly UnknownFact[] = [],
): Machine {
  const collected: Record<string, string | Uint8Array> = {};
  for (const source of SOURCES) {
    const bytes = files.get(source.name);
    if (bytes === undefined) continue;
    const plain = gunzip(source.name, bytes);
    collected[source.name] = source.form === 'text' ? decodeText(source.name, plain) : new Uint8Array(plain);
  }
  const tree = collected.fdt === undefined ? buildFdtFromFolder('device-tree', files) : undefined;
  if (tree !== undefined) collected.fdt = tree;
  const listed = decodeText(UNKNOWN_FILE, files.get(UNKNOWN_FILE) ?? new Uint8Array(0));
  return recordMachine(name, collected as Collected, [...unknown, ...parseUnknown(listed)]);
}

function decodeText(name: string, bytes: Uint8Array): string {
  if (bytes.length > MAX_TEXT_BYTES) throw buildTooLargeError(name, bytes.length, MAX_TEXT_BYTES);
  return new TextDecoder().decode(bytes);
}

/** What a collector could not read: a line each, name, tab, reason. Lines without a tab are passed by. */
function parseUnknown(text: string): UnknownFact[] {
  return text.split('\n').flatMap((line) => {
    const tab = line.indexOf('\t');
    return tab < 0 ? [] : [{ fact: line.slice(0, tab), reason: line.slice(tab + 1).trim() }];
  });
}

/** The kernel gives its configuration compressed (RFC 1952), and a tar may come so; the magic tells. */
export function gunzip(name: string, bytes: Uint8Array): Uint8Array {
  if (!hasMagic(bytes, 'gzip')) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_FILE_BYTES });
  } catch (cause) {
    refuse('machine-archive', 'EINVAL', `${name} cannot be unpacked: ${(cause as Error).message}`, { cause });
  }
}

/**
 * A file of 32 MiB at most, or of another limit in bytes.
 *
 * @param allocate - as for readFile()
 * @throws KexecError `EFBIG`, check `machine-archive`, beyond that, or the system's errno.
 */
export function readBounded(path: string, limit: number = MAX_FILE_BYTES, allocate?: Allocate): Uint8Array {
  const size = readStatus(path)?.size ?? 0;
  if (size > limit) throw buildTooLargeError(path, size, limit);
  return readFile(path, allocate);
}

/** What a path leads to; nothing where that cannot be told, which whoever reads it will say. */
export function readStatus(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function buildTooLargeError(name: string, size: number, limit: number): KexecError {
  const seen = `${name} has ${hex(size)} bytes, more than ${hex(limit)}`;
  return new KexecError('machine-archive', 'EFBIG', seen);
}
