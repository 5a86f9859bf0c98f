import { MACHINE_NAME, PACKED_NAME } from '../../src/machine/fleet/file-names.js';
import type { ChosenFile } from './chosen-file.js';

/** A folder that contains the collected files of one machine. */
export interface ChosenFolder {
  /** Without the folders around it. */
  readonly name: string;
  /** With them. */
  readonly path: string;
  /** Of its files together, in bytes. */
  readonly size: number;
  readonly members: readonly FolderMember[];
}

/** A file in a folder. */
export interface FolderMember {
  /** Its path, from the folder on. */
  readonly name: string;
  readonly file: ChosenFile;
}

/** What the user chose, as the page treats it. */
export type ChosenItem = ChosenFile | ChosenFolder;

export function isFolder(item: ChosenItem): item is ChosenFolder {
  return 'members' in item;
}

/** Whether a file is one of many machines, by its name. */
export function isFleetFile(item: ChosenItem): boolean {
  return !isFolder(item) && PACKED_NAME.test(item.name);
}

/** Whether `preflight` takes a file as a machine because it is in a folder, whatever its contents. */
export function isFleetMember(item: ChosenItem): boolean {
  const { name, path = name } = item;
  return !isFolder(item) && path.includes('/') && MACHINE_NAME.test(name);
}
