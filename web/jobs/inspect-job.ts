import type { Facts, Inspected } from '../../src/inspect/facts.js';
import { isMachineFile } from '../../src/inspect/file-kinds.js';
import { findDumpKind, inspectDump } from '../../src/inspect/inspect-dump.js';
import { inspect } from '../../src/inspect/inspect-file.js';
import { describeCollected } from '../../src/inspect/inspect-tar.js';
import { buildInspectedJson } from '../../src/view/json/inspected-json.js';
import { describeInspected } from '../../src/view/text/inspected-text.js';
import { type ChosenFile, openChosenFile, readChosenFile, readChosenStart } from './chosen-file.js';
import { type ChosenItem, isFleetFile, isFolder } from './chosen-folder.js';
import { type FileRole, findRole } from './file-role.js';
import { describeFailure, type JobOutcome } from './job-answer.js';

/** What a file is, as far as it matters for others. */
export interface IdentifiedFile {
  readonly role: FileRole | undefined;
}

/** What a file is. */
export interface InspectedFile extends IdentifiedFile {
  readonly kind: string;
  /** The kernel in it, or its kind, in a line. */
  readonly title: string;
  readonly facts: Facts;
  /** What `inspect --json` prints; undefined for a folder and for a file of machines. */
  readonly report: object | undefined;
}

const FLEET_KIND = 'machines, one a line';

/** Enough bytes for the kind of a dump or of a machine file. */
const START_BYTES = 64;

/** Inspects a file, as `kexec-file inspect` does: a dump of any size in pieces, other files whole. */
export async function inspectChosen(item: ChosenItem): Promise<InspectedFile> {
  if (isFolder(item)) {
    const kind = 'folder of a collected machine';
    const files = item.members.map(({ name, file: { size } }) => ({ name, size }));
    return { kind, title: kind, role: 'machine', facts: describeCollected(files), report: undefined };
  }
  if (isFleetFile(item))
    return { kind: FLEET_KIND, title: FLEET_KIND, role: 'fleet', facts: {}, report: undefined };
  const inspected = await inspectContents(item);
  const { kind, facts } = inspected;
  return {
    kind,
    title: describeInspected(inspected),
    role: findRole(inspected),
    facts,
    report: buildInspectedJson(item.name, inspected),
  };
}

/** Finds what many files are for others. Those that cannot be inspected have no role. */
export async function identifyChosen(
  items: readonly ChosenItem[],
): Promise<readonly JobOutcome<IdentifiedFile>[]> {
  return Promise.all(
    items.map(async (item) => {
      try {
        return { result: { role: await identifyItem(item) } };
      } catch (error) {
        return describeFailure(error);
      }
    }),
  );
}

async function identifyItem(item: ChosenItem): Promise<FileRole | undefined> {
  if (isFolder(item)) return 'machine';
  if (isFleetFile(item)) return 'fleet';
  const start = await readChosenStart(item, START_BYTES);
  // A fleet has many: whether they can be read is said where they are used.
  return isMachineFile(start) ? 'machine' : findRole(await inspectContents(item));
}

async function inspectContents(file: ChosenFile): Promise<Inspected> {
  const source = openChosenFile(file);
  const kind = findDumpKind(source.read(0n, Math.min(file.size, START_BYTES)));
  return kind === undefined ? inspect(readChosenFile(file)) : inspectDump(source, kind);
}
