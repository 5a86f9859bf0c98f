import type { Range } from '../../../src/base/range.js';
import type { Kimage } from '../../../src/kexec/kimage.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { findSegmentsRefusal } from '../../../src/trust/segments-gate.js';
import type { GivenBoot } from '../../support/oracle/x86-64/loads.js';
import { findCmaArea } from '../placement/cma.js';
import { compareGivenBoot } from './given-boot.js';
import { loadOwn, outcomeOfOwn, segmentBytes } from './own.js';
import { pairOutcomes, type RecordedX86 } from './recorded.js';
import { countAddresses, describeX86Load, formatOutcome, type X86Load, type X86Outcome } from './scenario.js';

/** The comparison of the code under test with the answers on a machine. */
export interface X86Comparison {
  readonly scenarios: number;
  readonly addresses: number;
  /** Blocks of bytes that were compared: segments of crash kernels, and boot parameters that a next kernel was given. */
  readonly blocks: number;
  /** In words. */
  readonly disagreements: readonly string[];
}

/** Returns a kernel by its name in kernels.ts. */
export type KernelNamed = (name: string) => Uint8Array;

/** The type of a node of setup_data that has a seed, and the size of the seed. */
const RNG_SEED = 9;
const SEED_SIZE = 32;

/**
 * Compares answers on a machine with those of the code under test.
 *
 * @param loads - of the machine's list
 * @param next - what the next kernel was given, if the last load was entered
 */
export function compareX86(
  name: string,
  loads: readonly X86Load[],
  recorded: RecordedX86,
  kernelNamed: KernelNamed,
  next?: GivenBoot,
): X86Comparison {
  const pairs = pairOutcomes(loads, recorded);
  if (pairs === undefined) throw new Error(`${name}: the loads have changed: record with --record`);
  const { machine } = recorded;
  const disagreements = pairs.flatMap(({ load, outcome }) => {
    const loaded = outcomeOfOwn(loadOwn(load, kernelNamed(load.kernel), machine));
    const own = acceptPlacesInside(findCmaArea(load, machine), loaded, outcome);
    const [ours, theirs] = [own, outcome].map(formatOutcome);
    const lines = [
      ...(theirs ?? []).filter((line) => !ours?.includes(line)).map((line) => `oracle: ${line}`),
      ...(ours ?? []).filter((line) => !theirs?.includes(line)).map((line) => `we:     ${line}`),
    ];
    return lines.length === 0 ? [] : [`${name}: ${describeX86Load(load)}:\n    ${lines.join('\n    ')}`];
  });
  const lastCrash = pairs.findLast(
    ({ load, outcome }) => load.type === 'crash' && typeof outcome !== 'string',
  );
  const blocks = [
    ...(lastCrash === undefined ? [] : compareContents(lastCrash.load, recorded, kernelNamed)),
    ...(next === undefined ? [] : [compareNext(loads.at(-1), machine, kernelNamed, next)]),
  ];
  return {
    scenarios: pairs.length,
    addresses: pairs.reduce((sum, { outcome }) => sum + countAddresses(outcome), 0),
    blocks: blocks.length,
    disagreements: [
      ...disagreements,
      ...[...blocks.flat(), ...compareSegments(recorded)].map((line) => `${name}: ${line}`),
    ],
  };
}

/** Compares what the kernel makes of kexec_load(2), if it was asked. */
function compareSegments({ machine, segments }: RecordedX86): string[] {
  const ours = findSegmentsRefusal(machine)?.errno ?? 'EINVAL';
  return segments === undefined || segments === ours ? [] : [`kexec_load: oracle ${segments}, we ${ours}`];
}

/** Our outcome with the oracle's address for each segment that it put into the CMA area: nobody can predict them. */
function acceptPlacesInside(area: Range | undefined, ours: X86Outcome, theirs: X86Outcome): X86Outcome {
  if (area === undefined || typeof ours === 'string' || typeof theirs === 'string') return ours;
  const segments = ours.segments.map((own) => {
    const mem = theirs.segments.find(({ name }) => name === own.name)?.mem ?? own.mem;
    return mem >= area.start && mem + own.memsz <= area.end ? { ...own, mem } : own;
  });
  // Purgatory's entry moves with it.
  const [before, after] = [ours.segments, segments].map((list) =>
    list.find(({ name }) => name === 'purgatory'),
  );
  return { ...ours, segments, entry: ours.entry + (after?.mem ?? 0n) - (before?.mem ?? 0n) };
}

/** @returns a list of differences for each segment of the crash kernel that was read back */
function compareContents(
  load: X86Load,
  { machine, contents }: RecordedX86,
  kernelNamed: KernelNamed,
): string[][] {
  const [elfcorehdr, purgatory, bootParams] = contents;
  if (elfcorehdr === undefined || purgatory === undefined || bootParams === undefined) return [];
  const kimage = loadSuccessfully(load, kernelNamed(load.kernel), machine, seedOf(bootParams));
  // Its digest covers the kernel and the initrd: Debian's kernel gets the guest's initramfs, not zeros.
  const isDigestKnown = load.kernel !== 'debian';
  return [
    compareBytes('elfcorehdr', elfcorehdr, segmentBytes(kimage, 'elfcorehdr')),
    compareBytes('boot-params', bootParams, segmentBytes(kimage, 'boot-params')),
    ...(isDigestKnown ? [compareBytes('purgatory', purgatory, segmentBytes(kimage, 'purgatory'))] : []),
  ];
}

function compareNext(
  load: X86Load | undefined,
  machine: Machine,
  kernelNamed: KernelNamed,
  next: GivenBoot,
): string[] {
  if (load === undefined) return ['no load was entered'];
  const seed = next.setupData.some(({ type }) => type === RNG_SEED) ? new Uint8Array(SEED_SIZE) : undefined;
  const kimage = loadSuccessfully(load, kernelNamed(load.kernel), machine, seed);
  const block = kimage.segments.find(({ name }) => name === 'boot-params');
  return block === undefined ? ['we have no boot parameters'] : compareGivenBoot(block, next);
}

/**
 * The seed in a block of boot parameters. Its node is the last one in the block, and the first one in the chain, if the
 * kernel had random numbers.
 */
function seedOf(bootParams: Uint8Array): Uint8Array | undefined {
  const seed = bootParams.slice(-SEED_SIZE);
  return seed.every((byte) => byte === 0) ? undefined : seed;
}

function loadSuccessfully(
  load: X86Load,
  kernel: Uint8Array,
  machine: Machine,
  seed: Uint8Array | undefined,
): Kimage {
  const result = loadOwn(load, kernel, machine, seed);
  if ('refusal' in result) throw result.refusal;
  return result.kimage;
}

/** The first bytes that differ. */
function compareBytes(name: string, theirs: Uint8Array, ours: Uint8Array | undefined): string[] {
  if (ours === undefined) return [`we have no ${name}`];
  if (ours.length !== theirs.length) return [`${name}: ${theirs.length} bytes, ours has ${ours.length}`];
  const differing = [...theirs.keys()].filter((at) => theirs[at] !== ours[at]);
  if (differing.length === 0) return [];
  const some = differing.slice(0, 8).map((at) => `0x${at.toString(16)}: ${theirs[at]} ${ours[at]}`);
  return [`${name}: ${differing.length} bytes differ (offset, oracle's, ours): ${some.join(', ')}`];
}
