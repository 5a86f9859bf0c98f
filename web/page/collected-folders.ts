import { isCollectedName, NEEDED_SOURCES } from '../../src/machine/collect/collected-files.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import type { ChosenFolder, ChosenItem, FolderMember } from '../jobs/chosen-folder.js';

/** One file alone can have the name of a collected one by chance; and so can files that are chosen among others. */
const MIN_LOOSE_FILES = 2;

/** The name of the machine whose collected files were chosen without their folder. */
const LOOSE_NAME = 'machine';

/**
 * Finds the folders that contain the collected files of a machine, as `machine record --from` takes them.
 *
 * @param files - that were chosen together
 * @returns each such folder in place of its files, and the other files
 */
export function groupCollected(files: readonly ChosenFile[]): ChosenItem[] {
  const roots = new Set(files.flatMap(findRoot));
  if (roots.size === 0) return [...files];
  const members = new Map<string, FolderMember[]>();
  const others: ChosenFile[] = [];
  for (const file of files) {
    const found = findMember(file, roots);
    if (found === undefined) {
      others.push(file);
      continue;
    }
    const folder = members.get(found.root) ?? [];
    members.set(found.root, folder);
    // A folder with a device tree has thousands of files.
    folder.push({ name: found.name, file });
  }
  const items: ChosenItem[] = [];
  for (const [root, found] of members) {
    if (root === '' && (found.length < MIN_LOOSE_FILES || found.length < files.length))
      others.push(...found.map(({ file }) => file));
    else items.push(buildFolder(root, found));
  }
  return [...items, ...others];
}

function buildFolder(root: string, members: readonly FolderMember[]): ChosenFolder {
  const name = root.split('/').at(-1) || LOOSE_NAME;
  const size = members.reduce((sum, { file }) => sum + file.size, 0);
  return { name, path: root || LOOSE_NAME, size, members };
}

/** The folder that a file makes one of collected files, if it is one that every machine needs. */
function findRoot({ path = '', name }: ChosenFile): string[] {
  const parts = (path || name).split('/');
  const at = parts.findIndex((part, index) => {
    const isLast = index === parts.length - 1;
    return (NEEDED_SOURCES as readonly string[]).includes(part) && isLast !== (part === 'device-tree');
  });
  return at < 0 ? [] : [parts.slice(0, at).join('/')];
}

/** The folder of collected files in which a file is one of them, and its name there. */
function findMember(
  file: ChosenFile,
  roots: ReadonlySet<string>,
): { root: string; name: string } | undefined {
  const parts = (file.path ?? file.name).split('/');
  for (let depth = 0; depth < parts.length; depth += 1) {
    const root = parts.slice(0, depth).join('/');
    const name = parts.slice(depth);
    if (roots.has(root) && isCollectedName(name)) return { root, name: name.join('/') };
  }
  return undefined;
}
