import type { Facts, Inspected } from '../../src/inspect/facts.js';
import { findDumpKind, inspectDump } from '../../src/inspect/inspect-dump.js';
import { inspect } from '../../src/inspect/inspect-file.js';
import { buildInspectedJson } from '../../src/view/json/inspected-json.js';
import { describeInspected } from '../../src/view/text/inspected-text.js';
import { type ChosenFile, openChosenFile, readChosenFile } from './chosen-file.js';

/** What a file is. */
export interface InspectedFile {
  readonly kind: string;
  /** The kernel in it, or its kind, in a line. */
  readonly title: string;
  readonly hasKernel: boolean;
  readonly facts: Facts;
  /** What `inspect --json` prints. */
  readonly report: object;
}

/** Enough bytes for the kind of a dump. */
const START_BYTES = 32;

/** Inspects a file, as `kexec-file inspect` does: a dump of any size in pieces, other files whole. */
export async function inspectChosen(file: ChosenFile): Promise<InspectedFile> {
  const inspected = await inspectContents(file);
  const { kind, facts, kernel } = inspected;
  return {
    kind,
    title: describeInspected(inspected),
    hasKernel: kernel !== undefined,
    facts,
    report: buildInspectedJson(file.name, inspected),
  };
}

async function inspectContents(file: ChosenFile): Promise<Inspected> {
  const source = openChosenFile(file);
  const kind = findDumpKind(source.read(0n, Math.min(file.size, START_BYTES)));
  return kind === undefined ? inspect(readChosenFile(file)) : inspectDump(source, kind);
}
