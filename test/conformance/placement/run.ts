import { printProblems, showProgress } from '../report.js';
import { askMachine } from './ask.js';
import { compareMachine } from './compare.js';
import { HALF_KERNELS, headerOf, type KernelHeaders, kernelsWith, realKernels } from './kernels.js';
import { MACHINES } from './machines.js';
import {
  type Recorded,
  readHeaders,
  readRecorded,
  recordedNames,
  removeRecorded,
  writeHeaders,
  writeRecorded,
} from './recorded.js';
import { describeLoad, describeOutcome } from './scenario.js';

/**
 * Asks the oracle on many machines for the placement of kernels and for the next kernel's device tree, and compares its
 * answers with those of the code under test on the machines that are recorded there.
 *
 * @param options - `record`: record machines and answers instead of comparing them with the recorded ones
 * @returns whether they agree on everything
 */
export async function runPlacement(options: { readonly record: boolean }): Promise<boolean> {
  const headers = realHeaders();
  const asked = new Map<string, Recorded>();
  const deviceTrees: (readonly string[])[] = [];
  const elfcorehdrs: (readonly string[])[] = [];
  for (const [index, shape] of MACHINES.entries()) {
    showProgress(`the oracle has placed kernels on ${index} of ${MACHINES.length} machines`);
    const { recorded, deviceTreeDifferences, elfcorehdrDifferences } = await askMachine(shape);
    for (const [name, machine] of recorded) asked.set(name, machine);
    const named = (differences: readonly string[]) => differences.map((one) => `${shape.name}: ${one}`);
    if (deviceTreeDifferences !== undefined) deviceTrees.push(named(deviceTreeDifferences));
    if (elfcorehdrDifferences !== undefined) elfcorehdrs.push(named(elfcorehdrDifferences));
  }
  showProgress('');
  const kernelNamed = kernelsWith(headers);
  const comparisons = Array.from(asked, ([name, recorded]) => compareMachine(name, recorded, kernelNamed));
  const disagreements = comparisons.flatMap((one) => one.disagreements);
  printProblems('disagreements on placement', disagreements);
  const stale = options.record ? record(headers, asked) : compareWithRecorded(headers, asked);
  printProblems('placements that differ from the recorded ones', stale);

  printProblems("the next kernel's device tree", deviceTrees.flat());
  printProblems("the crash kernel's ELF core header", elfcorehdrs.flat());
  const countEmpty = (results: readonly (readonly string[])[]) =>
    results.filter(({ length }) => length === 0).length;
  process.stdout.write(
    `next kernels ${deviceTrees.length}, equal device trees ${countEmpty(deviceTrees)}; ` +
      `ELF core headers ${elfcorehdrs.length}, equal ${countEmpty(elfcorehdrs)}\n`,
  );

  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  process.stdout.write(
    `scenarios ${sum(comparisons.map(({ scenarios }) => scenarios))}, ` +
      `addresses compared ${sum(comparisons.map(({ addresses }) => addresses))}, ` +
      `disagreements ${disagreements.length}\n`,
  );
  return [disagreements, stale, ...deviceTrees, ...elfcorehdrs].every(({ length }) => length === 0);
}

function realHeaders(): KernelHeaders {
  const { oracle, debian } = realKernels();
  return { oracle: headerOf(oracle), debian: headerOf(debian) };
}

function record(headers: KernelHeaders, asked: ReadonlyMap<string, Recorded>): string[] {
  for (const name of recordedNames()) if (!asked.has(name)) removeRecorded(name);
  writeHeaders(headers);
  for (const [name, recorded] of asked) writeRecorded(name, recorded);
  return [];
}

/** Answers that differ from the recorded ones, except for loads of kernels that have changed. */
function compareWithRecorded(headers: KernelHeaders, asked: ReadonlyMap<string, Recorded>): string[] {
  const then = readHeaders();
  const changed = (['oracle', 'debian'] as const).filter(
    (name) => describeHeader(then[name]) !== describeHeader(headers[name]),
  );
  const gone = recordedNames().filter((name) => !asked.has(name));
  return [
    ...gone.map((name) => `${name}: no longer in the list of machines: record with --record`),
    ...Array.from(asked).flatMap(([name, recorded]) =>
      recordedNames().includes(name)
        ? compareScenarios(name, readRecorded(name), recorded, changed)
        : [`${name}: not recorded: record with --record`],
    ),
  ];
}

/** @param changed - kernels that differ from the recorded ones */
function compareScenarios(name: string, then: Recorded, now: Recorded, changed: readonly string[]): string[] {
  const loads = ({ scenarios }: Recorded) => scenarios.map(({ load }) => describeLoad(load)).join('\n');
  if (loads(then) !== loads(now)) return [`${name}: the loads have changed: record with --record`];
  const incomparable =
    then.machine.totalRam === now.machine.totalRam ? changed : [...changed, ...HALF_KERNELS];
  return now.scenarios.flatMap(({ load, outcome }, index) => {
    if (incomparable.includes(load.kernel)) return [];
    const [before, today] = [then.scenarios[index]?.outcome ?? '', outcome].map(describeOutcome);
    return before === today ? [] : [`${name}: ${describeLoad(load)}: recorded ${before}, now ${today}`];
  });
}

function describeHeader(header: KernelHeaders['oracle']): string {
  return Object.values(header).join(' ');
}
