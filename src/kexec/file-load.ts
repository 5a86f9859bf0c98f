import { placePurgatory } from '../arch/arm64/hand-over.js';
import { checkImage, type PlaceOthers, placeImage } from '../arch/arm64/image.js';
import { PLACEMENT_RULES, type PlacementRules } from '../arch/arm64/rules.js';
import { type OtherContents, placeOtherSegments } from '../arch/arm64/segments.js';
import { KexecError } from '../base/error.js';
import { GIB, hex } from '../base/u64.js';
import { type ImageHeader, parseImageHeader } from '../formats/arm64-image.js';
import { parsePe } from '../formats/pe.js';
import { type Kimage, type KimageType, NoHoleError, SegmentList } from '../kimage/kimage.js';
import { checkSegments } from '../kimage/sanity.js';
import { Trail, type TrailEntry } from '../kimage/trail.js';
import { freeRanges, type Machine } from '../machine/machine.js';
import { intersection, type Range } from '../memory/range.js';
import type { Envelope } from '../trust/envelope.js';
import { checkSignature, type TrustRequest } from '../trust/policy.js';

/** `KEXEC_FILE_SIZE_MAX`, in bytes. */
export const FILE_SIZE_MAX = 4n * GIB;

/** `COMMAND_LINE_SIZE` of arm64, in bytes, the terminating NUL included. */
const COMMAND_LINE_SIZE = 2048;

/** What shall be loaded. The bytes are loaded as they are given, never read again. */
export interface LoadRequest extends OtherContents {
  /** An arm64 Image. */
  readonly kernel: Uint8Array;
  /** `default` if left out. */
  readonly type?: KimageType | undefined;
  /** Who must have signed the kernel; without it, signatures are not verified. */
  readonly trust?: TrustRequest | undefined;
  /** What the kernel came in, and was verified as a whole: `unwrapKernel()` tells. */
  readonly envelopes?: readonly Envelope[] | undefined;
  /** `mainline` if left out. */
  readonly rules?: PlacementRules['name'] | undefined;
  /** Segments lie within; anywhere if left out. */
  readonly window?: Range | undefined;
  /** Whether purgatory hands over; `false` is how the system call itself does it: straight to the kernel. */
  readonly purgatory?: boolean | undefined;
  /** Where the CPU enters, in place of purgatory or the kernel. */
  readonly entry?: bigint | undefined;
}

/** A load ends in a kimage or in a refusal; either way the trail tells every check. */
export type LoadResult =
  | { readonly kimage: Kimage; readonly trail: readonly TrailEntry[] }
  | { readonly refusal: KexecError; readonly trail: readonly TrailEntry[] };

/**
 * Decides as the kernel decides in kexec_file_load(2): probe, signature, initrd, command line, placement, device
 * tree, sanity; then adds purgatory, which hands over. Reads nothing but its arguments and changes nothing.
 *
 * @param trail - with what was checked before, if anything was
 * @returns the kimage, or the refusal with the errno that the system call would give. Never throws for bad input.
 */
export function kexecFileLoad(
  request: LoadRequest,
  machine: Machine,
  trail: Trail = new Trail(),
): LoadResult {
  try {
    const kimage = load(request, machine, trail);
    return { kimage, trail: trail.entries };
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    trail.refuse(error, error instanceof NoHoleError ? error.holes : undefined);
    return { refusal: error, trail: trail.entries };
  }
}

function load(request: LoadRequest, machine: Machine, trail: Trail): Kimage {
  const { kernel, initrd, commandLine } = request;
  const type = request.type ?? 'default';
  const rules = PLACEMENT_RULES[request.rules ?? 'mainline'];

  checkFileSize('kernel', kernel, trail);
  const header = probeImage(kernel, trail);
  checkSignature(request, request.trust, machine, trail);
  checkPe(kernel, header, trail);
  if (initrd !== undefined) checkFileSize('initrd', initrd, trail);
  if (commandLine !== undefined) checkCommandLine(commandLine, trail);
  checkImage(header, machine, trail);

  const list = new SegmentList(destinations(type, request, machine), machine.pageSize);
  const placeOthers: PlaceOthers = (kernelSegment, attempt) =>
    placeOtherSegments(kernelSegment, request, machine, list, rules, attempt);
  const placed = placeImage(kernel, header, list, rules, placeOthers, trail);
  const handOver =
    request.purgatory === false ? placed.kernel.mem : placePurgatory(placed.kernel, placed.dtb, list, trail);

  checkSegments(list.segments, type, machine, trail);
  return { type, entry: entryOf(request, handOver, trail), segments: list.segments };
}

function entryOf({ entry }: LoadRequest, handOver: bigint, trail: Trail): bigint {
  if (entry === undefined) return handOver;
  trail.note('entry', `the CPU enters at ${hex(entry)}, as asked, and not at ${hex(handOver)}`);
  return entry;
}

function checkFileSize(name: string, { length }: Uint8Array, trail: Trail): void {
  if (length === 0) {
    throw new KexecError({ check: 'file-size', errno: 'EINVAL', seen: `the ${name} is empty` });
  }
  if (BigInt(length) > FILE_SIZE_MAX) {
    throw new KexecError({
      check: 'file-size',
      errno: 'EFBIG',
      seen: `the ${name} has ${hex(length)} bytes`,
    });
  }
  trail.ok('file-size', `the ${name} has ${hex(length)} bytes`);
}

function probeImage(kernel: Uint8Array, trail: Trail): ImageHeader {
  const header = parseImageHeader(kernel);
  trail.ok('image-magic', 'the kernel is an arm64 Image');
  return header;
}

/**
 * A PE file that was cut short, or whose sections overlap, is refused whatever the policy: what the kernel does not look
 * at, it would boot or stumble over.
 */
function checkPe(kernel: Uint8Array, { hasEfiStub }: ImageHeader, trail: Trail): void {
  if (!hasEfiStub) return;
  const { sections, certificates } = parsePe(kernel);
  trail.ok(
    'pe-section',
    `a PE file with ${sections.length} sections and ${certificates.length} certificates`,
  );
}

function checkCommandLine(commandLine: string, trail: Trail): void {
  const { length } = new TextEncoder().encode(commandLine);
  const nul = commandLine.indexOf('\0');
  if (nul >= 0) {
    const seen = 'the command line has a NUL in it';
    throw new KexecError({ check: 'command-line', errno: 'EINVAL', seen, offset: nul });
  }
  if (length >= COMMAND_LINE_SIZE) {
    throw new KexecError({
      check: 'command-line',
      errno: 'EINVAL',
      seen: `the command line has ${length} bytes`,
    });
  }
  trail.ok('command-line', `the command line has ${length} bytes`);
}

/** Where segments may go: free RAM, or for a crash kernel the crash region alone; within the window. */
function destinations(type: KimageType, request: LoadRequest, machine: Machine): readonly Range[] {
  const ranges = allDestinations(type, request, machine);
  const { window } = request;
  return window === undefined ? ranges : ranges.flatMap((range) => intersection(range, window) ?? []);
}

function allDestinations(type: KimageType, { elfcorehdr }: LoadRequest, machine: Machine): readonly Range[] {
  if (type === 'default') return freeRanges(machine);
  if (machine.crashRegion === undefined) {
    const seen = 'the machine has no crash region: crashkernel= was not given or found no memory';
    throw new KexecError({ check: 'crash-region', errno: 'EADDRNOTAVAIL', seen });
  }
  if (elfcorehdr === undefined) {
    const seen = 'no ELF core header was given for the crash kernel';
    throw new KexecError({ check: 'crash-region', errno: 'EINVAL', seen });
  }
  return [machine.crashRegion.high];
}
