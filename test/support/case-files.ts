/** The files in `test/cases` that once got a wrong answer. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Lists files of all kinds, hostile ones among them. @returns their paths, no name twice, in the order of the paths */
export function listCaseFiles(): string[] {
  const folders = ['test/cases/attack', 'test/cases/field'];
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/\.(md|ts)$/.test(entry.name))
        .map(({ parentPath, name }) => join(parentPath, name)),
    )
    .filter((path, index, all) => all.findIndex((other) => basename(other) === basename(path)) === index)
    .sort();
}
