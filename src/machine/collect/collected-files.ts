import type { Source } from './source.js';
import { SOURCES, UNKNOWN_FILE } from './sources.js';

/** Collected files by name. Files in a folder have names such as `device-tree/cpus/cpu@0/reg`. */
export type CollectedFiles = ReadonlyMap<string, Uint8Array>;

/** The names of tars of collected files. Files with other names are read as machine files. */
export const TAR_NAME = /\.(tar|tar\.gz|tgz)$/;

/** A folder contains a machine's collected files if it has any of these, which every machine needs. */
export const NEEDED_SOURCES: readonly Source['name'][] = ['fdt', 'device-tree', 'iomem'];

const FILES: ReadonlySet<string> = new Set([...SOURCES.map(({ name }) => name), UNKNOWN_FILE]);
const TREES: ReadonlySet<string> = new Set(
  SOURCES.filter(({ from }) => from.kind === 'tree').map(({ name }) => name),
);

/** Whether a collected file has this name. @param parts - of its path, from the folder of collected files on */
export function isCollectedName([first = '', ...more]: readonly string[]): boolean {
  return (more.length === 0 ? FILES : TREES).has(first);
}
