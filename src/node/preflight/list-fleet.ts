import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TAR_NAME } from '../../machine/collect/collected-files.js';
import { MACHINE_NAME, PACKED_NAME } from '../../machine/fleet/file-names.js';
import { isPreset } from '../../machine/presets/presets.js';
import { isCollected, isFolder } from '../collect/machine-file.js';
import { readStatus } from '../files/read-status.js';
import { isFleetStream } from '../fleet/read-fleet.js';

/**
 * Lists the machines of a fleet.
 *
 * @param paths - presets, machine files, tars, folders of collected files, and folders of all these: below a folder,
 *   machines are the files *.json and *.tar, fleet files (*.ndjson, *.ndjson.gz, *.ndjson.zst) and the folders of
 *   collected files; other files are ignored
 * @returns presets, and paths for readMachine(), each once, sorted by name within each folder. Paths without a machine
 *   and unreadable folders stay in the list; reading them reports the error.
 */
export function listFleet(paths: readonly string[]): string[] {
  const listed = paths.flatMap((path) => {
    const found = !isPreset(path) && isFolder(path) && !isCollected(path) ? listFolder(path) : [];
    return found.length === 0 ? [path] : found;
  });
  return removeRepeated(listed);
}

/**
 * Finds the files that are read machine by machine.
 *
 * @param paths - as they were given
 * @param files - as listFleet() lists them
 */
export async function findStreams(
  paths: readonly string[],
  files: readonly string[],
): Promise<ReadonlySet<string>> {
  const streams = new Set(files.filter((file) => !isPreset(file) && PACKED_NAME.test(file)));
  for (const path of paths) {
    if (!isPreset(path) && !isFolder(path) && (await isFleetStream(path))) streams.add(path);
  }
  return streams;
}

/** A folder that is named with files in it lists these twice; a machine counts once. */
function removeRepeated(paths: readonly string[]): string[] {
  const seen = new Set<string>();
  return paths.filter((path) => {
    const key = isPreset(path) ? path : resolve(path);
    return !seen.has(key) && seen.add(key);
  });
}

/** Links to folders are not followed, so that each folder is listed once. */
function listFolder(folder: string): string[] {
  const entries = readEntries(folder);
  if (entries === undefined) return [folder];
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return isCollected(path) ? [path] : listFolder(path);
    const isMachine = [MACHINE_NAME, TAR_NAME, PACKED_NAME].some((name) => name.test(entry.name));
    if (!isMachine) return [];
    // Of thousands of files, the type in the folder's entry spares a call each. A link can lead to any type.
    return entry.isFile() || readStatus(path)?.isFile() !== false ? [path] : [];
  });
}

function readEntries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}
