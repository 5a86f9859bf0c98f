import { say, tell } from '../report.js';
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
 * Asks the oracle on many machines where kernels go, and what device tree the next kernel sees, and compares what it
 * says with what the code under test says of the machines recorded there.
 *
 * @param options `record`: write machines and answers down, and do not compare them with the recorded ones
 * @returns whether they agree on everything
 */
export async function runPlacement(options: { readonly record: boolean }): Promise<boolean> {
  const headers = realHeaders();
  const asked = new Map<string, Recorded>();
  const deviceTrees: (readonly string[])[] = [];
  const elfcorehdrs: (readonly string[])[] = [];
  for (const [index, shape] of MACHINES.entries()) {
    say(`the oracle has placed kernels on ${index} of ${MACHINES.length} machines`);
    const { recorded, deviceTreeDifferences, elfcorehdrDifferences } = await askMachine(shape);
    for (const [name, one] of recorded) asked.set(name, one);
    const named = (differences: readonly string[]) => differences.map((one) => `${shape.name}: ${one}`);
    if (deviceTreeDifferences !== undefined) deviceTrees.push(named(deviceTreeDifferences));
    if (elfcorehdrDifferences !== undefined) elfcorehdrs.push(named(elfcorehdrDifferences));
  }
  say('');
  const kernelNamed = kernelsWith(headers);
  const comparisons = Array.from(asked, ([name, recorded]) => compareMachine(name, recorded, kernelNamed));
  const disagreements = comparisons.flatMap((one) => one.disagreements);
  tell('disagreements on placement', disagreements);
  const stale = options.record ? record(headers, asked) : compareWithRecorded(headers, asked);
  tell('placements that are not the recorded ones', stale);

  tell("the next kernel's device tree", deviceTrees.flat());
  tell("the crash kernel's ELF core header", elfcorehdrs.flat());
  const same = (results: readonly (readonly string[])[]) =>
    results.filter(({ length }) => length === 0).length;
  process.stdout.write(
    `next kernels ${deviceTrees.length}, device trees as ours ${same(deviceTrees)}; ` +
      `ELF core headers ${elfcorehdrs.length}, as ours ${same(elfcorehdrs)}\n`,
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

/** What the oracle says otherwise than it did when it was recorded. Where the kernels are others, so are the answers. */
function compareWithRecorded(headers: KernelHeaders, asked: ReadonlyMap<string, Recorded>): string[] {
  const then = readHeaders();
  const changed = (['oracle', 'debian'] as const).filter(
    (name) => describeHeader(then[name]) !== describeHeader(headers[name]),
  );
  const gone = recordedNames().filter((name) => !asked.has(name));
  return [
    ...gone.map((name) => `${name}: is asked no more: record with --record`),
    ...Array.from(asked).flatMap(([name, recorded]) =>
      recordedNames().includes(name)
        ? compareScenarios(name, readRecorded(name), recorded, changed)
        : [`${name}: was never recorded: record with --record`],
    ),
  ];
}

/** @param changed kernels that are not those of then */
function compareScenarios(name: string, then: Recorded, now: Recorded, changed: readonly string[]): string[] {
  const loads = ({ scenarios }: Recorded) => scenarios.map(({ load }) => describeLoad(load)).join('\n');
  if (loads(then) !== loads(now)) return [`${name}: other loads are asked: record with --record`];
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
