import { listTarFiles, type TarFile } from '../formats/tar.js';
import type { Facts } from './facts.js';

/** The files of a machine are at most as many; a copy of its device tree has one for each property. */
const MAX_FILES = 65_536;

/** How many names are listed besides those that the collector always writes. */
const MAX_LISTED = 64;

/** Files of which the collector writes at least two, wherever it runs. Others may have such a name by chance. */
const COLLECTED = [
  'iomem',
  'cmdline',
  'release',
  'meminfo',
  'cpuinfo',
  'config',
  'fdt',
  'vmcoreinfo',
  'cpu-possible',
];

/**
 * Inspects a tar of the collector: the facts that it has, and the machine's release.
 *
 * @returns undefined for a tar of other files
 */
export function inspectCollectorTar(archive: Uint8Array): Facts | undefined {
  const files = listTarFiles(archive, MAX_FILES).map(({ name, size }) => ({
    name: name.replace(/^\.\//, ''),
    size,
  }));
  const found = COLLECTED.filter((name) => files.some((file) => file.name.split('/').at(-1) === name));
  if (found.length < 2) return undefined;
  return {
    ...describeCollected(files),
    remark: 'kexec-file machine record --from FILE makes a machine file of it',
  };
}

/** Describes the files that were collected on a machine. */
export function describeCollected(files: readonly TarFile[]): Facts {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return {
    files: files.length,
    bytes,
    ...(files.length > MAX_LISTED ? { listed: `the first ${MAX_LISTED} files` } : {}),
    names: files.slice(0, MAX_LISTED).map(({ name, size }) => ({ size, name })),
  };
}
