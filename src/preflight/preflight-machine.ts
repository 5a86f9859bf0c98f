/** The outcome of a load on one machine, without the bytes that would be loaded: small enough for large fleets. */
import type { Check } from '../base/checks.js';
import type { Errno, KexecError } from '../base/error.js';
import { type Range, totalSize } from '../base/range.js';
import { diagnoseDumpTool } from '../doctor/subjects/dump-tool-findings.js';
import { kexecFileLoad } from '../kexec/file-load.js';
import type { KimageType, SegmentName } from '../kexec/kimage.js';
import { findStandingRefusal } from '../kexec/load-permission.js';
import type { LoadRequest } from '../kexec/request.js';
import type { Machine } from '../machine/machine-value.js';
import type { Hashes } from '../trust/hashes.js';

/** Why a machine refuses the kernel, or why its file cannot be read: a `KexecError` as plain data. */
export interface Refusal {
  readonly errno: Errno;
  readonly check: Check;
  /** What was seen. */
  readonly detail: string;
  /** What to do about this very cause; absent if the check's own cure fits. */
  readonly cure?: string;
}

/** A segment that would be loaded: physical address and size in memory, and bytes of contents. */
export interface SegmentPlace {
  readonly name: SegmentName;
  readonly mem: bigint;
  readonly memsz: bigint;
  readonly bufsz: number;
}

/** The outcome of a load. */
export type Outcome =
  | { readonly verdict: 'loads'; readonly entry: bigint; readonly segments: readonly SegmentPlace[] }
  | { readonly verdict: 'refused'; readonly refusal: Refusal };

/** A machine, and the outcome of each load on it. */
export interface MachinePreflight {
  /** The machine's name. */
  readonly machine: string;
  /** RAM that its kernel may use, in bytes. */
  readonly ram: bigint;
  readonly pageSize: number;
  /** Where a crash kernel goes; undefined if the machine has no crash region. */
  readonly crashRegion: Range | undefined;
  /** Of the requested load. */
  readonly outcome: Outcome;
  /**
   * Of the same load as a crash kernel; undefined if the machine has no crash region, or if the requested load is
   * that of a crash kernel.
   */
  readonly crash: Outcome | undefined;
  /**
   * Why the machine's makedumpfile saves no dump of the kernel that runs there; absent if it does, if no service calls it,
   * or if that is not known.
   */
  readonly noDump?: string;
}

/** A machine of a fleet: its file, and its outcomes, or why the file cannot be read. */
export type PreflightRow = { readonly file: string } & (
  | MachinePreflight
  | { readonly unreadable: Refusal; readonly outcome?: undefined }
);

/**
 * Plans a load on a machine, and the same load as a crash kernel if the machine has a crash region. Each plan is made
 * by {@link kexecFileLoad}, unless the machine's kernel refuses every load, as {@link findStandingRefusal} finds.
 * Digests and random seeds in its kimage are zeros, because the kimage is discarded.
 *
 * @param request - its kernel is an Image. If signatures count, it has been verified already (`trust.verified`), so
 *   that the only cost of a machine is its device tree.
 */
export function preflightMachine(request: LoadRequest, machine: Machine): MachinePreflight {
  const { name, memory, pageSize, crashRegion } = machine;
  const type = request.options?.type ?? 'default';
  const plansCrash = type !== 'crash' && crashRegion !== undefined;
  const noDump = diagnoseDumpTool(machine).find(({ severity }) => severity === 'stops')?.fact;
  return {
    machine: name,
    ram: totalSize(memory),
    pageSize,
    crashRegion: crashRegion?.high,
    outcome: planLoad(request, type, machine),
    crash: plansCrash ? planLoad(request, 'crash', machine) : undefined,
    ...(noDump === undefined ? {} : { noDump }),
  };
}

function planLoad(request: LoadRequest, type: KimageType, machine: Machine): Outcome {
  const standing = findStandingRefusal(machine, type);
  if (standing !== undefined) return { verdict: 'refused', refusal: describeRefusal(standing) };
  const options = { ...request.options, type };
  const result = kexecFileLoad({ ...request, options, hashes: zeroDigests, random: allocateZeros }, machine);
  if ('refusal' in result) return { verdict: 'refused', refusal: describeRefusal(result.refusal) };
  const { entry, segments } = result.kimage;
  return {
    verdict: 'loads',
    entry,
    segments: segments.map(({ name, mem, memsz, bytes }) => ({ name, mem, memsz, bufsz: bytes.length })),
  };
}

function allocateZeros(length: number): Uint8Array {
  return new Uint8Array(length);
}

/** Purgatory's digests take as long as reading all that is loaded; a plan needs only their size. */
const zeroDigests: Hashes = () => ({ update: () => {}, digest: () => allocateZeros(32) });

/** A refusal as plain data, which can be sent between threads. */
export function describeRefusal({ errno, check, seen: detail, ownCure }: KexecError): Refusal {
  return { errno, check, detail, ...(ownCure === undefined ? {} : { cure: ownCure }) };
}
