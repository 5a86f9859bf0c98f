import { attempt, attemptAsync, KexecError } from '../../src/base/error.js';
import { compareTrees } from '../../src/formats/fdt/compare.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import type { Fdt } from '../../src/formats/fdt/tree.js';
import { compareFacts } from '../../src/inspect/compare-facts.js';
import type { Facts } from '../../src/inspect/facts.js';
import { inspect } from '../../src/inspect/inspect-file.js';
import { inspectMachine } from '../../src/inspect/inspect-machine.js';
import { readBootTree } from '../../src/machine/architectures.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { describeChange, nameVerdict } from '../../src/preflight/compare/change-wording.js';
import { compareRows } from '../../src/preflight/compare/compare-rows.js';
import { MachineTrustCache } from '../../src/preflight/machine-trust-cache.js';
import { preflightRow } from '../../src/preflight/preflight-row.js';
import { formatCause } from '../../src/preflight/wording.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { formatTreeChanges } from '../../src/view/plan-page/tree-section.js';
import { describeChanges, formatChanged, nameChange } from '../../src/view/text/comparison-text.js';
import { type ChosenFile, readChosenFile } from './chosen-file.js';
import { type ChosenItem, isFolder } from './chosen-folder.js';
import { type ChosenMachine, nameMachine, readMachine } from './chosen-machine.js';
import { openPreflight } from './fleet-job.js';

/** Two files of one role, and what else on the page says what their difference means. */
export interface CompareRequest {
  readonly kind: 'machine' | 'kernel' | 'tree';
  readonly before: ChosenItem;
  readonly after: ChosenItem;
  /** Planned on both machines. */
  readonly kernels: readonly ChosenFile[];
  /** On which both kernels are planned. */
  readonly machines: readonly ChosenMachine[];
  readonly keyrings: readonly ChosenFile[];
}

/** What differs between two files. */
export interface ComparedFiles {
  readonly sentences: readonly string[];
  readonly changes: readonly ChangedFact[];
  readonly loads: readonly ComparedLoad[];
  /** The differences of their device trees, as markup in which all texts are escaped; undefined if a file has none. */
  readonly tree: string | undefined;
}

/** A fact that differs. */
export interface ChangedFact {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** A load with each of the two files. */
export interface ComparedLoad {
  /** The kernel, or the machine, that is the same in both. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Empty if nothing has changed. */
  readonly change: string;
}

/** A file that is compared, as far as it is known. */
interface Side {
  readonly facts: Facts;
  readonly machine: Machine | undefined;
  readonly tree: Fdt | undefined;
}

/** Compares two files. */
export async function compareChosen(request: CompareRequest): Promise<ComparedFiles> {
  const { before, after, kind } = request;
  const sides = [await readSide(kind, before), await readSide(kind, after)] as const;
  const names = [before.name, after.name] as const;
  const changes = compareFacts(sides[0].facts, sides[1].facts);
  const [old, fresh] = [sides[0].tree, sides[1].tree];
  return {
    sentences: describeChanges(changes, names),
    changes: changes.map((change) => ({
      name: nameChange(change),
      before: formatChanged(change, change.before),
      after: formatChanged(change, change.after),
    })),
    loads: await compareLoads(request, sides),
    tree: old && fresh && formatTreeChanges(compareTrees(old, fresh), names).markup,
  };
}

async function readSide(kind: CompareRequest['kind'], item: ChosenItem): Promise<Side> {
  if (kind === 'machine') {
    const machine = await readMachine(item);
    const tree = attempt(() => readBootTree(machine));
    return { facts: inspectMachine(machine), machine, tree: tree instanceof KexecError ? undefined : tree };
  }
  if (isFolder(item)) throw new Error(`${item.name} is a folder`);
  const bytes = readChosenFile(item);
  const { facts } = await inspect(bytes);
  return { facts, machine: undefined, tree: kind === 'tree' ? parseFdt(bytes) : undefined };
}

async function compareLoads(
  { kind, before, after, kernels, machines, keyrings }: CompareRequest,
  [first, second]: readonly [Side, Side],
): Promise<ComparedLoad[]> {
  const open = async (kernel: ChosenFile) => {
    const request = { kernel, initrd: undefined, keyrings, policy: undefined, type: 'default' } as const;
    return new MachineTrustCache((await openPreflight(request)).load, portableHashes);
  };
  const loads: ComparedLoad[] = [];
  if (kind === 'machine') {
    for (const kernel of kernels) {
      const cache = await open(kernel);
      const rows = [first, second].map(({ machine }) => preflightRow('', machine as Machine, cache));
      loads.push(describeLoad(kernel.name, rows));
    }
  } else if (kind === 'kernel') {
    const caches = [await open(before as ChosenFile), await open(after as ChosenFile)];
    for (const chosen of machines) {
      const machine = await attemptAsync(() => readMachine(chosen));
      const rows = caches.map((cache) => preflightRow('', machine, cache));
      loads.push(describeLoad(nameMachine(chosen), rows));
    }
  }
  return loads;
}

/** A verdict and, for a refusal, its cause. */
function nameOutcome(row: Rows[number] | undefined): string {
  const refusal = row?.outcome?.verdict === 'refused' ? row.outcome.refusal : undefined;
  return refusal === undefined ? nameVerdict(row) : `refused: ${formatCause(refusal)}`;
}

type Rows = readonly ReturnType<typeof preflightRow>[];

function describeLoad(name: string, [before, row]: Rows): ComparedLoad {
  const change = row && compareRows(row, before);
  return {
    name,
    before: nameOutcome(before),
    after: nameOutcome(row),
    change: describeChange({ row, before, change }),
  };
}
