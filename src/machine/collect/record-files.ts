import type { UnknownFact } from '../machine-facts.js';
import type { Machine } from '../machine-value.js';
import { type Collected, recordMachine } from '../record.js';
import type { CollectedFiles } from './collected-files.js';
import { buildFdtFromFolder } from './device-tree-folder.js';
import { MAX_BINARY_BYTES, MAX_TEXT_BYTES, SOURCES, UNKNOWN_FILE } from './sources.js';
import { type Gunzip, portableGunzip, refuseLargerFile, unpackCollected } from './unpack-collected.js';

/** What else is known of collected files. */
export interface CollectedOptions {
  /** Facts that could not be read; those in the collected file `unknown` are added. */
  readonly unknown?: readonly UnknownFact[] | undefined;
  /** Our own decoder if left out. */
  readonly gunzip?: Gunzip | undefined;
}

/**
 * Records a machine from collected files.
 *
 * @throws KexecError as {@link recordMachine}; check `machine-archive` for a damaged compressed file and for a text of
 *   more than 2 MiB, `cpuinfo` of more than 24 MiB
 */
export function recordFiles(
  name: string,
  files: CollectedFiles,
  { unknown = [], gunzip = portableGunzip }: CollectedOptions = {},
): Machine {
  const collected = decodeFiles(files, gunzip);
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
export function decodeFiles(files: CollectedFiles, gunzip: Gunzip): Collected {
  const collected: Record<string, string | Uint8Array> = {};
  for (const source of SOURCES) {
    const bytes = files.get(source.name);
    if (bytes === undefined) continue;
    const isText = source.form === 'text';
    const { maxBytes = isText ? MAX_TEXT_BYTES : MAX_BINARY_BYTES } = source;
    const plain = unpackCollected(source.name, bytes, gunzip, maxBytes);
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
