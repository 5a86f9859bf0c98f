import { basename } from 'node:path';
import { type ParsedTarEntryWithData, unpackTar } from 'modern-tar';
import { refuse } from '../../base/error.js';
import type { Machine } from '../../machine/machine-value.js';
import type { CollectedFiles } from './collected-files.js';
import { gunzip, readBounded, recordFiles } from './record-files.js';
import { SOURCES, UNKNOWN_FILE } from './sources.js';

/** The copy of a device tree has a file for each property: up to 10000 on real boards. */
const MAX_ENTRIES = 65536;

/**
 * Records a machine from a tar of the collector script. It may be compressed with gzip, and the files may be in one
 * folder.
 *
 * @throws KexecError check `machine-archive`: `EFBIG` for more than 32 MiB, `EINVAL` if it is damaged or no tar; else as
 *   {@link recordFiles}
 */
export async function recordFromTar(path: string): Promise<Machine> {
  const name = basename(path).replace(/(\.tar)?(\.gz)?$|\.tgz$/, '');
  return recordFiles(name, await readTar(path, readBounded(path)));
}

/**
 * Reads the collected files in a tar. Other files are ignored.
 *
 * @param path - the name of the tar, for error messages
 * @throws KexecError `EINVAL`, check `machine-archive`, if it is damaged, no tar, or contains no collected file
 */
export async function readTar(path: string, bytes: Uint8Array): Promise<CollectedFiles> {
  const files = new Map<string, Uint8Array>();
  for (const { header, data } of await readEntries(path, gunzip(path, bytes))) {
    const name = findCollectedName(header.name);
    if (name !== undefined && data !== undefined) files.set(name, data);
  }
  if (files.size === 0)
    refuse('machine-archive', 'EINVAL', `${path} contains none of the files that the collector writes`);
  return files;
}

async function readEntries(path: string, archive: Uint8Array): Promise<ParsedTarEntryWithData[]> {
  let count = 0;
  const filter = (): boolean => {
    count += 1;
    if (count > MAX_ENTRIES) throw new Error(`more than ${MAX_ENTRIES} files`);
    return true;
  };
  try {
    return await unpackTar(archive, { strict: true, filter });
  } catch (cause) {
    refuse('machine-archive', 'EINVAL', `${path} is damaged, or no tar: ${(cause as Error).message}`, {
      cause,
    });
  }
}

const FILES: ReadonlySet<string> = new Set([...SOURCES.map(({ name }) => name), UNKNOWN_FILE]);
const TREES: ReadonlySet<string> = new Set(
  SOURCES.filter(({ from }) => from.kind === 'tree').map(({ name }) => name),
);

/** The name of a collected file, without `./` and without the folder that may contain all files. Undefined for others. */
function findCollectedName(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return [parts, parts.slice(1)]
    .find(([first = '', ...more]) => (more.length === 0 ? FILES : TREES).has(first))
    ?.join('/');
}
