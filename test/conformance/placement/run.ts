import type { Oracle, OracleRelease } from '../../support/oracle/oracle.js';
import { chooseNamed } from '../choose-named.js';
import type { ConformanceOptions } from '../options.js';
import { printProblems, showProgress } from '../report.js';
import { workInParallel } from '../work-in-parallel.js';
import { type Asked, askMachine } from './ask.js';
import { findCmaArea } from './cma.js';
import { compareMachine } from './compare.js';
import { HALF_KERNELS, headerOf, type KernelHeaders, kernelsWith, realKernels } from './kernels.js';
import { type MachineShape, namesOf } from './machine-shape.js';
import { machinesOf, selectMachines } from './machines.js';
import {
  type Recorded,
  readHeaders,
  readRecorded,
  recordedNames,
  removeRecorded,
  writeHeaders,
  writeRecorded,
} from './recorded.js';
import { describeLoad, describeOutcome, type Outcome } from './scenario.js';

/** What was asked on the machines: the answers by the names of machines, and what the next kernels were given. */
interface Results {
  readonly asked: ReadonlyMap<string, Recorded>;
  /** For each next kernel, the differences of its device tree to ours. */
  readonly deviceTrees: readonly (readonly string[])[];
  /** For each machine with a crash kernel, the differences of its ELF core header to ours. */
  readonly elfcorehdrs: readonly (readonly string[])[];
}

/**
 * Asks an oracle on many machines for the placement of kernels and for the next kernel's device tree, and compares its
 * answers with those of the code under test on the machines that are recorded there.
 *
 * @returns whether they agree on everything
 */
export async function runPlacement(oracle: Oracle, options: ConformanceOptions): Promise<boolean> {
  const { release } = oracle;
  const { asked, deviceTrees, elfcorehdrs } = await askMachines(oracle, options);
  const headers = realHeaders(oracle);
  const kernelNamed = kernelsWith(headers);
  const comparisons = Array.from(asked, ([name, recorded]) => compareMachine(name, recorded, kernelNamed));
  const disagreements = comparisons.flatMap((one) => one.disagreements);
  printProblems(`disagreements with Linux ${release} on placement`, disagreements);
  if (options.record) record(release, headers, asked);
  const stale = compareWithRecorded(release, headers, asked);
  printProblems(`placements by Linux ${release} that differ from the recorded ones`, stale);

  printProblems("the next kernel's device tree", deviceTrees.flat());
  printProblems("the crash kernel's ELF core header", elfcorehdrs.flat());
  const countEmpty = (results: readonly (readonly string[])[]) =>
    results.filter(({ length }) => length === 0).length;
  process.stdout.write(
    `Linux ${release}: next kernels ${deviceTrees.length}, equal device trees ${countEmpty(deviceTrees)}; ` +
      `ELF core headers ${elfcorehdrs.length}, equal ${countEmpty(elfcorehdrs)}\n`,
  );

  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  process.stdout.write(
    `Linux ${release}: machines ${asked.size}, scenarios ${sum(comparisons.map(({ scenarios }) => scenarios))}, ` +
      `addresses compared ${sum(comparisons.map(({ addresses }) => addresses))}, ` +
      `disagreements ${disagreements.length}\n`,
  );
  return [disagreements, stale, ...deviceTrees, ...elfcorehdrs].every(({ length }) => length === 0);
}

async function askMachines(oracle: Oracle, options: ConformanceOptions): Promise<Results> {
  const shapes = chooseMachines(oracle.release, options);
  const results = await workInParallel(shapes, async (shape, index) => {
    showProgress(`Linux ${oracle.release} places kernels on machine ${index + 1} of ${shapes.length}`);
    return askMachine(oracle, shape);
  });
  showProgress('');
  const named = (find: (result: Asked) => readonly string[] | undefined) =>
    results.flatMap((result, index) => {
      const differences = find(result);
      return differences === undefined ? [] : [differences.map((one) => `${shapes[index]?.name}: ${one}`)];
    });
  return {
    asked: new Map(results.flatMap(({ recorded }) => [...recorded])),
    deviceTrees: named(({ deviceTreeDifferences }) => deviceTreeDifferences),
    elfcorehdrs: named(({ elfcorehdrDifferences }) => elfcorehdrDifferences),
  };
}

/** The machines on which an oracle is asked. */
function chooseMachines(
  release: OracleRelease,
  { all, machines }: ConformanceOptions,
): readonly MachineShape[] {
  const isSelection = !all && machines === undefined;
  return isSelection ? selectMachines(release) : chooseNamed(machinesOf(release), machines);
}

function realHeaders(oracle: Oracle): KernelHeaders {
  const { oracle: own, debian } = realKernels(oracle);
  return { oracle: headerOf(own), debian: headerOf(debian) };
}

/** The recorded machines that are no longer in the list. */
function namesOfGone(release: OracleRelease): string[] {
  const listed = machinesOf(release).flatMap(namesOf);
  return recordedNames(release).filter((name) => !listed.includes(name));
}

/** Records machines and answers, and removes the files of machines that are no longer in the list. */
function record(release: OracleRelease, headers: KernelHeaders, asked: ReadonlyMap<string, Recorded>): void {
  for (const name of namesOfGone(release)) removeRecorded(release, name);
  writeHeaders(release, headers);
  for (const [name, recorded] of asked) writeRecorded(release, name, recorded);
}

/** Answers that differ from the recorded ones, except for loads of kernels that have changed. */
function compareWithRecorded(
  release: OracleRelease,
  headers: KernelHeaders,
  asked: ReadonlyMap<string, Recorded>,
): string[] {
  const then = readHeaders(release);
  const changed = (['oracle', 'debian'] as const).filter(
    (name) => describeHeader(then[name]) !== describeHeader(headers[name]),
  );
  const names = recordedNames(release);
  // The kernel draws the place of dm-crypt keys: they may be in another segment's way, and are reserved after a crash.
  const drawn = machinesOf(release).flatMap((shape) => (shape.keys === undefined ? [] : namesOf(shape)));
  return [
    ...namesOfGone(release).map((name) => `${name}: no longer in the list of machines: record with --record`),
    ...Array.from(asked).flatMap(([name, recorded]) =>
      names.includes(name)
        ? compareScenarios(name, readRecorded(release, name), recorded, {
            changed,
            isDrawn: drawn.includes(name),
          })
        : [`${name}: not recorded: record with --record`],
    ),
  ];
}

/**
 * @param changed - kernels that differ from the recorded ones
 * @param isDrawn - whether places differ each time
 */
function compareScenarios(
  name: string,
  then: Recorded,
  now: Recorded,
  { changed, isDrawn }: { readonly changed: readonly string[]; readonly isDrawn: boolean },
): string[] {
  const loads = ({ scenarios }: Recorded) => scenarios.map(({ load }) => describeLoad(load)).join('\n');
  if (loads(then) !== loads(now)) return [`${name}: the loads have changed: record with --record`];
  const incomparable =
    then.machine.totalRam === now.machine.totalRam ? changed : [...changed, ...HALF_KERNELS];
  return now.scenarios.flatMap(({ load, seeds, outcome }, index) => {
    const earlier = then.scenarios[index];
    // When a machine without a random number generator is ready for seeds depends on the time that its devices take.
    if (seeds !== earlier?.seeds) return [];
    if (incomparable.includes(load.kernel) || findCmaArea(load, now.machine)) return [];
    if (isDrawn && dependOnDraw(earlier.outcome, outcome)) return [];
    const [before, today] = [earlier.outcome, outcome].map(describeOutcome);
    return before === today ? [] : [`${name}: ${describeLoad(load)}: recorded ${before}, now ${today}`];
  });
}

/** Whether two outcomes may differ by a drawn place alone: both are places, or one of the draws left no hole. */
function dependOnDraw(...outcomes: readonly Outcome[]): boolean {
  return outcomes.includes('EADDRNOTAVAIL') || outcomes.every((outcome) => typeof outcome !== 'string');
}

function describeHeader(header: KernelHeaders['oracle']): string {
  return Object.values(header).join(' ');
}
