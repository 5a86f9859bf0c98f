/** The keys of an entry of the Boot Loader Specification, type 1, as far as they matter here. */
export interface Type1Entry {
  readonly title?: string;
  readonly version?: string;
  readonly machineId?: string;
  readonly sortKey?: string;
  readonly architecture?: string;
  readonly linux?: string;
  /** A UKI, with the number of a profile. */
  readonly uki?: string;
  readonly profile?: string;
  /** An EFI program. */
  readonly efi?: string;
  readonly initrds: readonly string[];
  readonly options: readonly string[];
  readonly deviceTree?: string;
  readonly overlays: readonly string[];
}

type SingleKey = Exclude<keyof Type1Entry, 'initrds' | 'options' | 'overlays'>;

const SINGLE_KEYS: Readonly<Record<string, SingleKey>> = {
  title: 'title',
  version: 'version',
  'machine-id': 'machineId',
  'sort-key': 'sortKey',
  architecture: 'architecture',
  linux: 'linux',
  uki: 'uki',
  profile: 'profile',
  efi: 'efi',
  devicetree: 'deviceTree',
};

/**
 * Parses an entry of the Boot Loader Specification, type 1: a key a line, then white space and the value. Unknown keys,
 * comments and lines without a value are ignored, as boot loaders do; of a repeated key, the last value counts.
 */
export function parseType1Entry(text: string): Type1Entry {
  const single: Partial<Record<SingleKey, string>> = {};
  const initrds: string[] = [];
  const options: string[] = [];
  const overlays: string[] = [];
  for (const { key, value } of readKeys(text)) {
    if (key === 'initrd') initrds.push(value);
    else if (key === 'options') options.push(value);
    else if (key === 'devicetree-overlay') overlays.push(...value.split(/[ \t]+/));
    else if (Object.hasOwn(SINGLE_KEYS, key)) single[SINGLE_KEYS[key] as SingleKey] = value;
  }
  return { ...single, initrds, options, overlays };
}

/** Reads the keys of an entry, or of loader.conf, which has the same form. */
export function* readKeys(text: string): Generator<{ readonly key: string; readonly value: string }> {
  for (const line of text.split('\n')) {
    const found = /^[ \t]*([^\s#]\S*)[ \t]+(.*?)\s*$/.exec(line);
    if (found?.[1] === undefined || found[2] === undefined || found[2] === '') continue;
    yield { key: found[1], value: found[2] };
  }
}

/** The name of an entry's file. */
export interface EntryFileName {
  /** Without suffix and counter: `debian-6.12`. */
  readonly name: string;
  /** How often the boot loader may still try it; undefined if tries are not counted. 0 means that all failed. */
  readonly triesLeft?: number;
  readonly triesDone?: number;
}

/** Parses a file name with a counter of tries before its suffix: `NAME+LEFT-DONE.conf`, `NAME+LEFT.efi`. */
export function parseEntryFileName(file: string): EntryFileName {
  const stem = file.replace(/\.[^.]*$/, '');
  const found = /^(.+)\+(\d{1,9})(?:-(\d{1,9}))?$/.exec(stem);
  if (found?.[1] === undefined) return { name: stem };
  return { name: found[1], triesLeft: Number(found[2]), triesDone: Number(found[3] ?? 0) };
}
