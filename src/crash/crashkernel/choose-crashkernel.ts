import { formatParameterSize, formatSize } from '../../base/sizes.js';
import { alignDown, MIB, U64_LIMIT } from '../../base/u64.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import type { CrashkernelRules } from '../../machine/crashkernel-rules.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import { findFreeRam, findLargestPiece, measureLowRam, splitByLowLimit } from './reserve-crashkernel.js';

/** A `crashkernel=` that a machine's kernel can fulfil. */
export interface ChosenCrashkernel {
  /** The parameters: `crashkernel=320M,high crashkernel=128M,low`. */
  readonly parameter: string;
  /** Why they have this form. */
  readonly form: string;
  /** The size that they ask for; less than was wanted if the kernel cannot reserve as much in one piece. */
  readonly bytes: bigint;
}

/** DEFAULT_CRASH_KERNEL_LOW_SIZE: beside a region above low memory, for devices that can only address that. */
const LOW_SIZE = 128n * MIB;

/** A smaller region is no help. */
const STEP = 16n * MIB;

/**
 * Chooses the form of `crashkernel=` for a region of this size: in low memory, which every device can address, if there
 * is room; else above, with a low region beside it, if the running kernel's release can do that; else as much as fits.
 */
export function chooseCrashkernel(bytes: bigint, machine: MachineFacts): ChosenCrashkernel {
  const rules = findMachineArchitecture(machine).findCrashkernelRules(machine);
  const { low, high } = splitByLowLimit(findFreeRam(machine), rules);
  const limit = formatSize(rules.lowLimit);
  const largest = findLargestPiece(low, rules);
  const text = `crashkernel=${formatParameterSize(bytes)}`;
  if (bytes <= largest) return { parameter: text, form: describeLow(rules), bytes };
  if (measureLowRam(machine, rules) === 0n)
    return { parameter: text, form: `there is no RAM below ${limit}`, bytes };
  if (rules.hasHigh && (bytes <= findLargestPiece(high, rules) || largest < STEP)) {
    const lowText = `crashkernel=${formatParameterSize(LOW_SIZE)},low`;
    const form = `no room below ${limit}: high, with ${formatSize(LOW_SIZE)} below for devices that need it`;
    return { parameter: `${text},high ${lowText}`, form, bytes };
  }
  if (largest < STEP) return { parameter: text, form: `no room is free below ${limit}`, bytes };
  const most = alignDown(largest, STEP);
  const where = rules.hasHigh
    ? 'in one piece'
    : `in one piece below ${limit}, where this release reserves alone`;
  return {
    parameter: `crashkernel=${formatParameterSize(most)}`,
    form: `no more is free ${where}`,
    bytes: most,
  };
}

function describeLow({ lowLimit }: CrashkernelRules): string {
  return lowLimit === U64_LIMIT ? 'there is room' : `there is room below ${formatSize(lowLimit)}`;
}
