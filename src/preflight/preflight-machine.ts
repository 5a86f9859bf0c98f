/** A load on a machine that was recorded, as far as it can be told of ten thousand machines: without any bytes. */
import type { Check } from '../base/checks.js';
import type { Errno, KexecError } from '../base/error.js';
import { type Range, totalSize } from '../base/range.js';
import { kexecFileLoad, type LoadRequest } from '../kexec/file-load.js';
import type { KimageType, SegmentName } from '../kexec/kimage.js';
import type { Machine } from '../machine/machine-value.js';
import type { Hashes } from '../trust/hashes.js';

/** Why a machine refuses. */
export interface Refusal {
  readonly errno: Errno;
  readonly check: Check;
  /** What was seen. */
  readonly detail: string;
}

/** Where a segment would be. */
export interface SegmentPlace {
  readonly name: SegmentName;
  readonly mem: bigint;
  readonly memsz: bigint;
  readonly bufsz: number;
}

/** What a load comes to. */
export type Outcome =
  | { readonly verdict: 'loads'; readonly entry: bigint; readonly segments: readonly SegmentPlace[] }
  | { readonly verdict: 'refused'; readonly refusal: Refusal };

/** What is known of a machine, and what comes of loads on it. */
export interface MachinePreflight {
  /** What the machine is called. */
  readonly machine: string;
  /** RAM that its kernel may use, in bytes. */
  readonly ram: bigint;
  readonly pageSize: number;
  /** Where a crash kernel goes, if there is such a place. */
  readonly crashRegion: Range | undefined;
  /** Of the load that was asked for. */
  readonly outcome: Outcome;
  /** Of the same as a crash kernel, where there is a crash region and something else was asked for. */
  readonly crash: Outcome | undefined;
}

/** One of a fleet: a file, the machine in it, or why there is none that can be read. */
export type PreflightRow = { readonly file: string } & (
  | MachinePreflight
  | { readonly unreadable: Refusal; readonly outcome?: undefined }
);

/**
 * Plans a load on a machine, by {@link kexecFileLoad}, and where that is no crash kernel and there is a crash region, plans
 * it as one, too. The kimages are dropped: digests and seeds in them, which nobody will see, are zeros.
 *
 * @param request - its kernel an Image, verified before if it is to be (`trust.verified`), so that a machine costs no more
 *   than its own device tree
 */
export function preflightMachine(request: LoadRequest, machine: Machine): MachinePreflight {
  const { name, memory, pageSize, crashRegion } = machine;
  const type = request.type ?? 'default';
  return {
    machine: name,
    ram: totalSize(memory),
    pageSize,
    crashRegion: crashRegion?.high,
    outcome: outcomeOf(request, type, machine),
    crash: type === 'crash' || crashRegion === undefined ? undefined : outcomeOf(request, 'crash', machine),
  };
}

function outcomeOf(request: LoadRequest, type: KimageType, machine: Machine): Outcome {
  const result = kexecFileLoad({ ...request, type, hashes: zeroDigests, random: zeros }, machine);
  if ('refusal' in result) return { verdict: 'refused', refusal: describeRefusal(result.refusal) };
  const { entry, segments } = result.kimage;
  return {
    verdict: 'loads',
    entry,
    segments: segments.map(({ name, mem, memsz, bytes }) => ({ name, mem, memsz, bufsz: bytes.length })),
  };
}

const zeros = (length: number): Uint8Array => new Uint8Array(length);

/** Of purgatory's digests, which take as long as reading all that is loaded, only the size has to be right. */
const zeroDigests: Hashes = () => ({ update: () => {}, digest: () => zeros(32) });

/** An error as what can be sent between threads and counted. */
export function describeRefusal({ errno, check, seen: detail }: KexecError): Refusal {
  return { errno, check, detail };
}
