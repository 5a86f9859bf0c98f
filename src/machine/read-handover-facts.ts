import { attempt, KexecError, refuse } from '../base/error.js';
import { type Range, rangeOf } from '../base/range.js';
import type { Collected } from './collected.js';
import type { HandoverFacts } from './handover-facts.js';
import type { UnknownFact } from './machine-facts.js';

/** Two areas, and one for each of the at most 1024 NUMA nodes (CONFIG_NODES_SHIFT). */
const MAX_AREAS = 1026;

/** What was read, and why nothing was. */
interface HandoverReading {
  /** Undefined if KHO is off, or its areas were not collected. */
  readonly handover: HandoverFacts | undefined;
  readonly broken: readonly UnknownFact[];
}

/** Reads `scratch_phys` and `scratch_len` of `/sys/kernel/debug/kho/out`: a number for each area, on a line of its own. */
export function readHandoverFacts(known: Collected): HandoverReading {
  const { 'kho-scratch-phys': starts, 'kho-scratch-len': sizes } = known;
  if (starts === undefined || sizes === undefined) return { handover: undefined, broken: [] };
  const scratch = attempt(() => readAreas(parseNumbers(starts), parseNumbers(sizes)));
  if (!(scratch instanceof KexecError)) return { handover: { scratch }, broken: [] };
  return { handover: undefined, broken: [{ fact: 'kho-scratch-phys', reason: scratch.seen }] };
}

function readAreas(starts: readonly bigint[], sizes: readonly bigint[]): Range[] {
  if (starts.length === 0 || starts.length !== sizes.length || starts.length > MAX_AREAS) {
    const seen = `${starts.length} addresses and ${sizes.length} sizes of KHO's scratch areas`;
    refuse('machine-text', 'EINVAL', seen);
  }
  return starts.map((start, index) => rangeOf(start, sizes[index] ?? 0n));
}

function parseNumbers(text: string): bigint[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseNumber);
}

function parseNumber(line: string): bigint {
  if (/^0x[0-9a-f]{1,16}$/.test(line)) return BigInt(line);
  return refuse('machine-text', 'EINVAL', `"${line.slice(0, 40)}" is no number of KHO's scratch areas`);
}
