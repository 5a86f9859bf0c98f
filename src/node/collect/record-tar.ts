import { basename } from 'node:path';
import { type ParsedTarEntryWithData, unpackTar } from 'modern-tar';
import { KexecError } from '../../base/error.js';
import type { Machine } from '../../machine/machine-value.js';
import type { CollectedFiles } from './collected-files.js';
import { gunzip, readBounded, recordFiles } from './record-files.js';
import { SOURCES, UNKNOWN_FILE } from './sources.js';

/** A device tree as a folder has a file for each property; boards have up to 10000. */
const MAX_ENTRIES = 65536;

/**
 * The machine whose files were collected into a tar, as the collector script makes it: plain or compressed by gzip,
 * the files at its top or in one folder.
 *
 * @throws KexecError check `machine-archive`: `EFBIG` beyond 32 MiB, `EINVAL` if it is damaged or no tar; else as
 *   {@link recordFiles}.
 */
export async function recordFromTar(path: string): Promise<Machine> {
  const name = basename(path).replace(/(\.tar)?(\.gz)?$|\.tgz$/, '');
  return recordFiles(name, await readTar(path, readBounded(path)));
}

/**
 * The files of a tar that have names of {@link SOURCES}. `path` says in errors what it is.
 *
 * @throws KexecError `EINVAL`, check `machine-archive`, if it is damaged, no tar, or holds none of them.
 */
export async function readTar(path: string, bytes: Uint8Array): Promise<CollectedFiles> {
  const files = new Map<string, Uint8Array>();
  for (const { header, data } of await readEntries(path, gunzip(path, bytes))) {
    const name = findCollectedName(header.name);
    if (name !== undefined && data !== undefined) files.set(name, data);
  }
  if (files.size === 0) throw buildRefusal(`${path} holds none of the files that a collector makes`);
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
    throw buildRefusal(`${path} is no tar, or a damaged one: ${(cause as Error).message}`, cause);
  }
}

const FILES: ReadonlySet<string> = new Set([...SOURCES.map(({ name }) => name), UNKNOWN_FILE]);
const TREES: ReadonlySet<string> = new Set(
  SOURCES.filter(({ from }) => from.kind === 'tree').map(({ name }) => name),
);

/** A name as one of {@link SOURCES}, or in a tree of them, without `./` and without the one folder that all may lie in. */
function findCollectedName(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return [parts, parts.slice(1)]
    .find(([first = '', ...more]) => (more.length === 0 ? FILES : TREES).has(first))
    ?.join('/');
}

function buildRefusal(seen: string, cause?: unknown): KexecError {
  return new KexecError('machine-archive', 'EINVAL', seen, { cause });
}
