import { isDeepStrictEqual } from 'node:util';
import { listCrashRegions } from '../../../src/machine/crash-regions.js';
import type { OracleRelease } from '../../support/oracle/oracle.js';
import { chooseNamed } from '../choose-named.js';
import type { ConformanceOptions } from '../options.js';
import { printProblems, showProgress } from '../report.js';
import { workInParallel } from '../work-in-parallel.js';
import { askX86Machine } from './ask.js';
import { findQuestions } from './brief-questions.js';
import { type AskedX86, compareAsked, printX86Comparisons } from './compare-asked.js';
import { type AskedQuestions, chooseQuestions, compareBrief, listAskedCases } from './compare-brief.js';
import { describeRealKernel, type RealKernel, readRealKernel, syntheticKernel } from './kernels.js';
import { selectX86Machines, type X86Shape, x86MachinesOf, x86NamesOf } from './machines.js';
import { recordStage } from './record-stage.js';
import {
  type RecordedX86,
  readRecordedKernel,
  readX86Recorded,
  recordedX86Names,
  removeX86Recorded,
  writeRecordedKernel,
  writeX86Recorded,
} from './recorded.js';
import { formatOutcome, type X86Outcome } from './scenario.js';

/** What was asked on a machine, with the errnos of brief loads. */
interface AskedAll extends AskedX86 {
  readonly brief?: { readonly asked: AskedQuestions; readonly errnos: readonly number[] } | undefined;
}

/**
 * Asks Debian's kernel for x86_64 of a release, on many machines, for the placement of kernels, and on some of them for the
 * errnos of brief loads.
 *
 * @returns whether its answers are ours, and the recorded ones
 */
export async function runX86(release: OracleRelease, options: ConformanceOptions): Promise<boolean> {
  const real = readRealKernel(release);
  const kernel = await describeRealKernel(real);
  if (options.record) writeRecordedKernel(release, kernel);
  const asked = await askMachines(release, options, real, kernel);
  const areEqual = asked.map(({ shape: { name }, stages, brief }) => {
    const machine = stages.get(name)?.machine;
    if (brief === undefined || machine === undefined) return true;
    return compareBrief(release, brief.asked, brief.errnos, machine, options);
  });
  return comparePlacement(release, options, real, kernel, asked) && areEqual.every(Boolean);
}

function comparePlacement(
  release: OracleRelease,
  options: ConformanceOptions,
  real: Uint8Array,
  kernel: RealKernel,
  asked: readonly AskedX86[],
): boolean {
  const kernelNamed = (name: string): Uint8Array => (name === 'debian' ? real : syntheticKernel(name));
  const comparisons = asked.flatMap((one) => compareAsked(one, kernelNamed));
  const recorded = new Map(asked.flatMap(({ stages }) => [...stages]));
  if (options.record) record(release, recorded);
  const stale = Array.from(recorded).flatMap(([name, one]) =>
    compareWithRecorded(release, kernel, name, one),
  );
  printProblems(`placements by Linux ${release} for x86_64 that differ from the recorded ones`, stale);
  return printX86Comparisons(release, comparisons) && stale.length === 0;
}

/** What was asked on each machine. */
async function askMachines(
  release: OracleRelease,
  options: ConformanceOptions,
  real: Uint8Array,
  kernel: RealKernel,
): Promise<readonly AskedAll[]> {
  const shapes = chooseMachines(release, options);
  const results = await workInParallel(shapes, async (shape, index) => {
    showProgress(`Linux ${release} for x86_64 places kernels on machine ${index + 1} of ${shapes.length}`);
    const names = x86NamesOf(shape);
    const questions = findQuestions(shape.name);
    const brief = questions && chooseQuestions(questions, release, options, real);
    const { stages, errnos } = await askX86Machine(release, shape, brief && listAskedCases(brief));
    const recorded = await Promise.all(
      stages.map((stage, at) => recordStage(names[at] ?? shape.name, stage, kernel)),
    );
    return {
      shape,
      stages: new Map(recorded.map((one, at) => [names[at] ?? shape.name, one])),
      brief: brief && { asked: brief, errnos },
    };
  });
  showProgress('');
  return results;
}

function chooseMachines(release: OracleRelease, { all, machines }: ConformanceOptions): readonly X86Shape[] {
  const isSelection = !all && machines === undefined;
  return isSelection ? selectX86Machines(release) : chooseNamed(x86MachinesOf(release), machines);
}

/** Records machines and answers, and removes the files of machines that are no longer in the list. */
function record(release: OracleRelease, asked: ReadonlyMap<string, RecordedX86>): void {
  const listed = x86MachinesOf(release).flatMap(x86NamesOf);
  for (const name of recordedX86Names(release).filter((name) => !listed.includes(name))) {
    removeX86Recorded(release, name);
  }
  for (const [name, recorded] of asked) writeX86Recorded(release, name, recorded);
}

/** Answers that differ from the recorded ones. */
function compareWithRecorded(
  release: OracleRelease,
  kernel: RealKernel,
  name: string,
  now: RecordedX86,
): string[] {
  if (!recordedX86Names(release).includes(name)) return [`${name}: not recorded: record with --record`];
  const then = readX86Recorded(release, name);
  const loads = ({ outcomes }: RecordedX86): string => outcomes.map(({ load }) => load).join('\n');
  if (loads(then) !== loads(now)) return [`${name}: the loads have changed: record with --record`];
  // A crash kernel's memory is the crash region of the kernel before it, whose place is random.
  if (!isDeepStrictEqual(then.machine.memory, now.machine.memory)) return [];
  const isSameKernel = isDeepStrictEqual(readRecordedKernel(release), kernel);
  const isSameRegion = JSON.stringify(regions(then)) === JSON.stringify(regions(now));
  return now.outcomes.flatMap(({ load, outcome }, index) => {
    if (load.includes('"debian"') && !isSameKernel) return [];
    if (load.startsWith('crash') && !isSameRegion) return [];
    const [before, today] = [then.outcomes[index]?.outcome ?? 'nothing', outcome].map(describeStable);
    return before === today ? [] : [`${name}: ${load}:\n    recorded ${before}\n    now      ${today}`];
  });
}

/** Where the crash regions are: that depends on the kernel's own place, which is random. */
function regions({ machine }: RecordedX86): string[] {
  return listCrashRegions(machine).map(({ start, end }) => `${start} ${end}`);
}

/** An outcome without virtual addresses, which are random. */
function describeStable(outcome: X86Outcome): string {
  if (typeof outcome === 'string') return outcome;
  const elfRanges = outcome.elfRanges.map(([, physical, size]) => [0n, physical, size] as const);
  return formatOutcome({ ...outcome, elfRanges }).join(', ');
}
