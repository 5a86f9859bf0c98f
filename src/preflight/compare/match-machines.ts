import { nameMachines } from '../machine-names.js';
import type { EarlierRow } from './earlier-row.js';

/** The earlier rows of a fleet's machines. */
export interface MatchedMachines {
  /** Of each file, in their order; undefined for a machine that is new. */
  readonly before: readonly (EarlierRow | undefined)[];
  /** Of the machines that are in the fleet no longer. */
  readonly gone: readonly EarlierRow[];
}

/**
 * Finds the machines of a fleet in an earlier report: by the paths of their files, and if a path is not in it, by the
 * names that the rest of both have by their files. So a fleet may have moved to another folder.
 */
export function matchMachines(files: readonly string[], earlier: readonly EarlierRow[]): MatchedMachines {
  const byPath = new Map(earlier.map((row) => [normalize(row.file), row]));
  const before = files.map((file) => byPath.get(normalize(file)));
  const found = new Set(before);
  const left = [...byPath.values()].filter((row) => !found.has(row));
  const byName = new Map(nameMachines(left.map(({ file }) => file)).map((name, at) => [name, left[at]]));
  const unknown = [...files.keys()].filter((index) => before[index] === undefined);
  const names = nameMachines(unknown.map((index) => files[index] as string));
  for (const [at, index] of unknown.entries()) before[index] = byName.get(names[at] as string);
  const matched = new Set(before);
  return { before, gone: left.filter((row) => !matched.has(row)) };
}

/** The earlier rows of a fleet, which are taken machine by machine. */
export interface EarlierRows {
  /** The earlier row of the machine of a file; undefined if it is new. */
  take(file: string): EarlierRow | undefined;
  /** Those that were not taken, or of which it is known that they will not be. */
  listRest(): readonly EarlierRow[];
}

/** Matches machines whose files are known, as {@link matchMachines}. */
export function matchKnownMachines(files: readonly string[], earlier: readonly EarlierRow[]): EarlierRows {
  const { before, gone } = matchMachines(files, earlier);
  const byFile = new Map(files.map((file, index) => [file, before[index]]));
  return { take: (file) => byFile.get(file), listRest: () => gone };
}

/** Matches machines as they come, by the paths of their files alone. */
export function matchComingMachines(earlier: readonly EarlierRow[]): EarlierRows {
  const rest = new Map(earlier.map((row) => [normalize(row.file), row]));
  return {
    take: (file) => {
      const path = normalize(file);
      const row = rest.get(path);
      rest.delete(path);
      return row;
    },
    listRest: () => [...rest.values()],
  };
}

/** Without `./` and double slashes. */
function normalize(file: string): string {
  const path = file.split('/').filter((part, index) => part !== '.' && (part !== '' || index === 0));
  return path.join('/');
}
