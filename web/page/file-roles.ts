import type { ChosenFile } from '../jobs/chosen-file.js';
import type { ChosenItem } from '../jobs/chosen-folder.js';
import type { FileRole } from '../jobs/file-role.js';
import type { OpenedFile } from './opened-file.js';

/** The files on the page by role, in their order. Machines can be folders of collected files. */
export type FilesByRole = Readonly<
  Record<Exclude<FileRole, 'machine'>, readonly ChosenFile[]> & { readonly machine: readonly ChosenItem[] }
>;

/**
 * Sorts the files that were inspected by their roles.
 *
 * @param before - an earlier result, of which each list that has the same files is kept
 */
export function sortByRole(files: readonly OpenedFile[], before?: FilesByRole): FilesByRole {
  const sorted: Record<FileRole, ChosenItem[]> = {
    kernel: [],
    program: [],
    initrd: [],
    machine: [],
    fleet: [],
    tree: [],
    keys: [],
    ima: [],
    log: [],
    dump: [],
  };
  for (const { chosen, outcome } of files) {
    if (outcome === undefined || !('result' in outcome)) continue;
    const { role } = outcome.result;
    if (role !== undefined) sorted[role].push(chosen);
  }
  // Only machines are folders.
  const lists = sorted as FilesByRole;
  if (before === undefined) return lists;
  const kept = Object.entries(lists).map(([role, list]) => {
    const old = before[role as FileRole];
    const isSame = old.length === list.length && old.every((item, index) => item === list[index]);
    return [role, isSame ? old : list] as const;
  });
  return kept.every(([role, list]) => list === before[role as FileRole])
    ? before
    : (Object.fromEntries(kept) as unknown as FilesByRole);
}
