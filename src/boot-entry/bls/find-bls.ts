import { attempt, KexecError, refuse } from '../../base/error.js';
import type { BootEntry, BootMenu, DefaultEntry, ListedEntry } from '../boot-entry.js';
import { checkEntryCount, type EntryFiles, listBySuffix } from '../entry-files.js';
import { joinPath, locateFile } from '../mounts.js';
import { readLoaderVariable } from './loader-variables.js';
import { matchesPattern } from './match-pattern.js';
import { compareEntries, isBad, type SortFacts } from './sort-entries.js';
import { parseEntryFileName, parseType1Entry, readKeys, type Type1Entry } from './type1-entry.js';
import { readUkiFacts } from './uki-entry.js';

/** Where the EFI system partition and the extended boot loader partition are mounted. */
const ROOTS = ['/efi', '/boot/efi', '/boot'] as const;

/** An entry with what it is sorted by. */
interface SortedEntry {
  readonly facts: SortFacts;
  readonly listed: ListedEntry;
}

/**
 * Finds the entries of the Boot Loader Specification, and the default one as systemd-boot chooses it.
 *
 * @returns undefined if there is no entry
 */
export function findBls(files: EntryFiles): BootMenu | undefined {
  const sorted = listBlsEntries(files);
  if (sorted.length === 0) return undefined;
  return {
    loader:
      readLoaderVariable(files, 'LoaderInfo') === undefined ? 'boot loader specification' : 'systemd-boot',
    entries: sorted.map(({ listed }) => listed),
    default: attempt(() => chooseDefault(files, sorted)),
  };
}

/** Lists the entries of both types in the order of the specification. */
function listBlsEntries(files: EntryFiles): SortedEntry[] {
  const entries = listRoots(files).flatMap((root) => [...listType1(files, root), ...listUkis(files, root)]);
  checkEntryCount(entries.length, ROOTS.join(', '));
  return entries.toSorted((a, b) => compareEntries(a.facts, b.facts));
}

/** Each partition once: one may be mounted at, or linked from, several of the places. */
function listRoots(files: EntryFiles): string[] {
  const roots = new Map(ROOTS.map((root) => [files.followLink(root), root]));
  return [...roots.values()];
}

function listType1(files: EntryFiles, root: string): SortedEntry[] {
  const folder = joinPath(root, 'loader/entries');
  return listBySuffix(files, folder, '.conf').flatMap((file) => {
    const text = files.readText(joinPath(folder, file));
    if (text === undefined) return [];
    const entry = parseType1Entry(text);
    if (isForOtherMachine(entry, files)) return [];
    const { version, machineId, sortKey, title } = entry;
    const facts = { ...parseEntryFileName(file), version, machineId, sortKey };
    const aliases = [`${facts.name}.conf`, file];
    const starts = attempt(() => readType1(files, entry, folder));
    return [{ facts, listed: { id: facts.name, aliases, title, version, source: folder, starts } }];
  });
}

/** Boot loaders skip entries for other architectures. */
function isForOtherMachine({ architecture }: Type1Entry, files: EntryFiles): boolean {
  return (
    architecture !== undefined &&
    architecture.toLowerCase() !== (files.architecture ?? architecture).toLowerCase()
  );
}

/**
 * What an entry starts.
 *
 * @param near - the folder of the entry, on whose partition its paths count
 */
function readType1(files: EntryFiles, entry: Type1Entry, near: string): BootEntry {
  const { linux, uki, profile = '', efi, initrds, options, deviceTree, overlays } = entry;
  const commandLine = options.join(' ');
  if (uki !== undefined) {
    const kernel = locateFile(files, uki, { near, what: 'UKI' });
    const number = /^@?(\d+)$/.exec(profile)?.[1];
    return {
      kernel: number === undefined ? kernel : `${kernel}#${number}`,
      initrds: [],
      commandLine: commandLine === '' ? undefined : commandLine,
      isUki: true,
    };
  }
  if (linux === undefined) {
    if (efi === undefined) refuse('boot-entry-form', 'EINVAL', 'the entry names no kernel (linux, uki)');
    refuse('boot-entry-form', 'EOPNOTSUPP', `the entry starts the EFI program ${efi}, not a kernel`);
  }
  return {
    kernel: locateFile(files, linux, { near, what: 'kernel' }),
    initrds: initrds.map((path) => locateFile(files, path, { near, what: 'initrd' })),
    commandLine,
    ...readDeviceTree(files, deviceTree, { near, overlays }),
  };
}

/** The device tree of an entry is not used by itself, so a missing one is no fault. */
function readDeviceTree(
  files: EntryFiles,
  path: string | undefined,
  { near, overlays }: { readonly near: string; readonly overlays: readonly string[] },
): Pick<BootEntry, 'deviceTree' | 'notes'> {
  const found =
    path === undefined ? path : attempt(() => locateFile(files, path, { near, what: 'device tree' }));
  const notes =
    overlays.length === 0 ? [] : [`the entry's device tree overlays are not applied: ${overlays.join(', ')}`];
  return { deviceTree: found instanceof KexecError ? undefined : found, notes };
}

function listUkis(files: EntryFiles, root: string): SortedEntry[] {
  const folder = joinPath(root, 'EFI/Linux');
  return listBySuffix(files, folder, '.efi').flatMap((file): SortedEntry[] => {
    const kernel = joinPath(folder, file);
    const bytes = files.readBytes(kernel);
    if (bytes === undefined) return [];
    const named = parseEntryFileName(file);
    const facts = attempt(() => readUkiFacts(bytes));
    const id = `${named.name}.efi`;
    const listed = { id, aliases: [named.name, file], source: folder };
    if (facts instanceof KexecError) {
      const starts = new KexecError('boot-entry-form', 'EINVAL', `it is no UKI: ${facts.seen}`, {
        cause: facts,
      });
      return [{ facts: { ...named, name: id }, listed: { ...listed, starts } }];
    }
    const { title, sortKey, version, commandLine } = facts;
    const starts = { kernel, initrds: [], commandLine, isUki: true };
    return [
      { facts: { ...named, name: id, sortKey, version }, listed: { ...listed, title, version, starts } },
    ];
  });
}

/** The order of systemd-boot: `config_select_default_entry()` in src/boot/boot.c. */
function chooseDefault(files: EntryFiles, sorted: readonly SortedEntry[]): DefaultEntry {
  for (const name of ['LoaderEntryOneShot', 'LoaderEntryDefault']) {
    const wanted = readSavedName(files, name);
    const entry = wanted === undefined ? undefined : findByPattern(sorted, wanted);
    if (entry !== undefined) return { entry, reason: `chosen by the EFI variable ${name}` };
  }
  for (const { path, pattern } of readDefaults(files)) {
    const wanted = pattern === '@saved' ? readLoaderVariable(files, 'LoaderEntryLastBooted') : pattern;
    const entry = wanted === undefined ? undefined : findByPattern(sorted, wanted);
    if (entry !== undefined) return { entry, reason: `default in ${path}` };
  }
  const first = sorted.find(({ facts }) => !isBad(facts)) ?? sorted[0];
  if (first === undefined) return refuse('boot-entry', 'ENOENT', 'there is no boot entry');
  return { entry: first.listed, reason: 'first in the order of the Boot Loader Specification' };
}

/** A variable names an entry, or is `@saved`. */
function readSavedName(files: EntryFiles, name: string): string | undefined {
  const wanted = readLoaderVariable(files, name);
  return wanted === '@saved' ? readLoaderVariable(files, 'LoaderEntryLastBooted') : wanted;
}

function readDefaults(files: EntryFiles): { readonly path: string; readonly pattern: string }[] {
  return ROOTS.flatMap((root) => {
    const path = joinPath(root, 'loader/loader.conf');
    const keys = [...readKeys(files.readText(path) ?? '')];
    const pattern = keys.findLast(({ key }) => key === 'default')?.value;
    return pattern === undefined ? [] : [{ path, pattern }];
  });
}

function findByPattern(sorted: readonly SortedEntry[], pattern: string): ListedEntry | undefined {
  return sorted.find(({ listed: { id, aliases } }) =>
    [id, ...aliases].some((name) => matchesPattern(pattern, name)),
  )?.listed;
}
