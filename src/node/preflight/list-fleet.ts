import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isCollected, isFolder, TAR_NAME } from '../collect/machine-file.js';
import { readStatus } from '../collect/record-files.js';

/**
 * The machines that paths stand for: a file, a folder that was collected into, or a folder with such files and folders
 * below it (*.json, *.tar; what else lies there is passed by), in the order of their names. A path that stands for none
 * is among them, and a folder that cannot be read, for whoever reads it to say so.
 *
 * @returns paths for readMachine(), the same for the same arguments
 */
export function listFleet(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const found = isFolder(path) && !isCollected(path) ? listFolder(path) : [];
    return found.length === 0 ? [path] : found;
  });
}

/** Folders are followed, links to them are not, so that none is gone through twice. */
function listFolder(folder: string): string[] {
  const entries = list(folder);
  if (entries === undefined) return [folder];
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return isCollected(path) ? [path] : listFolder(path);
    const isMachine = entry.name.endsWith('.json') || TAR_NAME.test(entry.name);
    return isMachine && readStatus(path)?.isFile() !== false ? [path] : [];
  });
}

function list(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}
