/** Whether the running kernel finds memory for its `crashkernel=`, as `reserve_crashkernel_generic()` searches. */
import { contains, intersect, overlaps, type Range, size, subtract, totalSize } from '../../base/range.js';
import { alignUp, isAligned, U64_LIMIT } from '../../base/u64.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import { listCaptureMemory } from '../../machine/crash-regions.js';
import type { CrashkernelRules } from '../../machine/crashkernel-rules.js';
import { hasChange } from '../../machine/kernel-changes.js';
import type { KernelFacts, MachineFacts } from '../../machine/machine-facts.js';
import { type CrashkernelFault, type CrashkernelRequest, parseCrashkernel } from './parse-crashkernel.js';

/** Why a well-formed request gets no memory. */
export type NoMemory =
  /** The address of `@` is not a multiple of the alignment. */
  | { readonly cause: 'unaligned' }
  /** It is outside of RAM, wholly or in part. */
  | { readonly cause: 'outside' }
  /** It is taken, by this range. */
  | { readonly cause: 'taken'; readonly by: Range }
  /** No free piece is large enough; `largest` is the size of the largest one that the kernel may use. */
  | { readonly cause: 'no-room'; readonly largest: bigint }
  /** There is room for the region, but not for `lowSize` bytes of low memory beside it. */
  | { readonly cause: 'no-low'; readonly lowSize: bigint; readonly largest: bigint };

/** What becomes of the `crashkernel=` parameters of a machine's command line. */
export type Reservation =
  | { readonly kind: 'absent' }
  | CrashkernelFault
  | { readonly kind: 'refused'; readonly request: CrashkernelRequest; readonly why: NoMemory }
  | { readonly kind: 'reserved'; readonly request: CrashkernelRequest };

/**
 * Finds what becomes of a machine's `crashkernel=`. Memory that was taken after the reservation, early in the boot,
 * counts as taken: what finds room here found it then.
 */
export function reserveCrashkernel(machine: MachineFacts): Reservation {
  const rules = findMachineArchitecture(machine).findCrashkernelRules(machine);
  const request = parseCrashkernel(machine.commandLine ?? '', totalSize(machine.memory), rules);
  if (request === undefined) return { kind: 'absent' };
  if (request.kind === 'fault') return request;
  const why =
    request.base === undefined
      ? search(request, findFreeRam(machine), rules)
      : checkPlace(request, request.base, machine, rules);
  return why === undefined ? { kind: 'reserved', request } : { kind: 'refused', request, why };
}

/** RAM that is free, or that the present crash regions take, lowest first. */
export function findFreeRam(machine: MachineFacts): Range[] {
  return subtract(machine.memory, subtract(machine.reserved, listCaptureMemory(machine)));
}

/** The memory below and above the limit of low memory. */
export function splitByLowLimit(
  free: readonly Range[],
  { lowLimit }: CrashkernelRules,
): { readonly low: readonly Range[]; readonly high: readonly Range[] } {
  return {
    low: intersect(free, [{ start: 0n, end: lowLimit }]),
    high: intersect(free, [{ start: lowLimit, end: U64_LIMIT }]),
  };
}

/** The size of the largest aligned piece; 0 if there is none. */
export function findLargestPiece(free: readonly Range[], { alignment }: CrashkernelRules): bigint {
  return free.reduce((largest, range) => {
    const start = alignUp(range.start, alignment);
    return start < range.end && range.end - start > largest ? range.end - start : largest;
  }, 0n);
}

function checkPlace(
  request: CrashkernelRequest,
  base: bigint,
  machine: MachineFacts,
  { alignment }: CrashkernelRules,
): NoMemory | undefined {
  const place = { start: base, end: base + request.size };
  if (!intersect(machine.memory, [place]).some((piece) => contains(piece, place)))
    return { cause: 'outside' };
  const taken = subtract(machine.reserved, listCaptureMemory(machine)).find((range) =>
    overlaps(range, place),
  );
  if (taken !== undefined) return { cause: 'taken', by: taken };
  return isAligned(base, alignment) ? undefined : { cause: 'unaligned' };
}

function search(
  { size: wanted, isHigh, lowSize }: CrashkernelRequest,
  free: readonly Range[],
  rules: CrashkernelRules,
): NoMemory | undefined {
  const { low, high } = splitByLowLimit(free, rules);
  const [largestLow, largestHigh] = [findLargestPiece(low, rules), findLargestPiece(high, rules)];
  const mayUseHigh = isHigh || rules.fallsBackToHigh;
  const largest = mayUseHigh && largestHigh > largestLow ? largestHigh : largestLow;
  if (wanted > largest) return { cause: 'no-room', largest };
  const isPlacedLow = wanted <= largestLow && !(isHigh && wanted <= largestHigh);
  const beside = isPlacedLow ? 0n : (lowSize ?? rules.defaultLowSize);
  return beside > largestLow ? { cause: 'no-low', lowSize: beside, largest: largestLow } : undefined;
}

/** The size in bytes of the RAM that counts as low. */
export function measureLowRam(machine: MachineFacts, { lowLimit }: CrashkernelRules): bigint {
  return intersect(machine.memory, [{ start: 0n, end: lowLimit }]).reduce(
    (sum, range) => sum + size(range),
    0n,
  );
}

/**
 * Whether a kernel has the code that reserves for `crashkernel=`: since 6.9 with CONFIG_CRASH_DUMP, before with either
 * system call of kexec, and CONFIG_CRASH_DUMP only made it fit to be a capture kernel.
 *
 * @returns undefined if its configuration is unknown
 */
export function hasReservation({ config, release }: KernelFacts = {}): boolean | undefined {
  if (config === undefined) return undefined;
  if (config.CRASH_DUMP === 'y') return true;
  return !hasChange(release, 'crash-dump-option') && (config.KEXEC === 'y' || config.KEXEC_FILE === 'y');
}
