import { KexecError } from '../../base/error.js';
import type { BootEntry, BootMenu, ChosenEntry, ListedEntry } from '../../boot-entry/boot-entry.js';
import { buildRefusalJson } from './refusal-json.js';
import type { Report } from './schemas/report-schemas.js';

type ChosenJson = NonNullable<Extract<Report<'plan'>, { entry: string }>['bootEntry']>;
type EntryJson = Report<'machine-entries'>['entries'][number];

/** The entry that a kernel was taken from. */
export function buildChosenEntryJson(entry: ChosenEntry): ChosenJson {
  const { id, title, source, loader, reason } = entry;
  return { id, ...(title === undefined ? {} : { title }), source, loader, reason, ...buildStartsJson(entry) };
}

/** The menu of a boot loader. */
export function buildEntriesJson({ loader, entries, default: chosen }: BootMenu): Report<'machine-entries'> {
  return {
    loader,
    default:
      chosen instanceof KexecError
        ? { refusal: buildRefusalJson(chosen) }
        : { id: chosen.entry.id, reason: chosen.reason },
    entries: entries.map(buildListedJson),
  };
}

function buildListedJson({ id, title, version, source, starts }: ListedEntry): EntryJson {
  return {
    id,
    ...(title === undefined ? {} : { title }),
    ...(version === undefined ? {} : { version }),
    source,
    ...(starts instanceof KexecError ? { refusal: buildRefusalJson(starts) } : buildStartsJson(starts)),
  };
}

function buildStartsJson({ kernel, initrds, commandLine, deviceTree, notes = [] }: BootEntry) {
  return {
    kernel,
    initrds,
    ...(commandLine === undefined ? {} : { commandLine }),
    ...(deviceTree === undefined ? {} : { deviceTree }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}
