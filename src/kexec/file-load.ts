import { KexecError, refuse } from '../base/error.js';
import type { RandomSource } from '../base/random.js';
import { containsAddress, formatRange, intersection, type Range } from '../base/range.js';
import { Trail, type TrailEntry } from '../base/trail.js';
import { GIB, hex, U64_LIMIT } from '../base/u64.js';
import { buildElfcorehdr, parseElfcorehdr } from '../crash/elfcorehdr.js';
import { type ImageHeader, parseImageHeader } from '../formats/arm64-image.js';
import { parsePe } from '../formats/pe/parse.js';
import { freeRanges } from '../machine/machine-facts.js';
import type { Machine } from '../machine/machine-value.js';
import type { Envelope } from '../trust/envelope.js';
import type { Hashes } from '../trust/hashes.js';
import { checkSignature, type TrustRequest } from '../trust/policy.js';
import { portableHashes } from '../trust/portable-hashes.js';
import { checkImage, type PlaceOthers, placeImage } from './arm64/place-image.js';
import { type OtherContents, placeOtherSegments } from './arm64/place-others.js';
import { placePurgatory } from './arm64/place-purgatory.js';
import { PLACEMENT_RULES, type PlacementRules, randomRules } from './arm64/placement-rules.js';
import type { PurgatoryOptions } from './hand-over-options.js';
import { type Kimage, type KimageType, NoHoleError, SegmentList } from './kimage.js';
import { placeAtRandom } from './random-draws.js';
import { checkSegments } from './sanity.js';

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
  /** What segments are placed at random by, wherever they may lie; where the kernel would place them, if left out. */
  readonly randomPlaces?: RandomSource | undefined;
  /** Segments lie within; anywhere if left out. */
  readonly window?: Range | undefined;
  /** How purgatory hands over; `false` is how the system call itself does it: straight to the kernel. */
  readonly purgatory?: PurgatoryOptions | false | undefined;
  /** Where the digests come from that purgatory checks; JavaScript, slower by an order of magnitude, if left out. */
  readonly hashes?: Hashes | undefined;
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
  const { kernel, initrd, commandLine, randomPlaces } = request;
  const type = request.type ?? 'default';

  checkFileSize('kernel', kernel, trail);
  const header = probeImage(kernel, trail);
  checkSignature(request, request.trust, machine, trail);
  checkPe(kernel, header, trail);
  if (initrd !== undefined) checkFileSize('initrd', initrd, trail);
  if (commandLine !== undefined) checkCommandLine(commandLine, trail);
  checkImage(header, machine, trail);

  const free = destinations(type, request, machine);
  const others = type === 'crash' ? { ...request, elfcorehdr: elfcorehdr(request, machine, trail) } : request;
  const place = (attempt: Trail) => placeAll({ ...request, ...others, type }, header, free, machine, attempt);
  return randomPlaces === undefined ? place(trail) : placeAtRandom(place, trail);
}

/** Every segment: kernel, what goes with it, and purgatory; by the rules, or at random. */
function placeAll(
  request: LoadRequest & { readonly type: KimageType },
  header: ImageHeader,
  free: readonly Range[],
  machine: Machine,
  trail: Trail,
): Kimage {
  const { kernel, type, randomPlaces } = request;
  const asked = PLACEMENT_RULES[request.rules ?? 'mainline'];
  const rules = randomPlaces === undefined ? asked : randomRules(asked, header.placeAnywhere);
  const list = new SegmentList(free, machine.pageSize, randomPlaces);
  const placeOthers: PlaceOthers = (kernelSegment, attempt) =>
    placeOtherSegments(kernelSegment, request, machine, list, rules, attempt);
  const placed = placeImage(kernel, header, list, rules, placeOthers, trail);
  const hashes = request.hashes ?? portableHashes;
  const handOver =
    request.purgatory === false
      ? placed.kernel.mem
      : placePurgatory(
          { ...placed, type, options: request.purgatory ?? {}, rules, hashes },
          machine,
          list,
          trail,
        );

  checkSegments({ segments: list.segments, type }, machine, U64_LIMIT, trail);
  return { type, entry: entryOf(request, type, handOver, machine, trail), segments: list.segments };
}

/** Purgatory, the kernel, or what was asked for; a crash kernel's lies in its region: `kimage_alloc_init()`. */
function entryOf(
  { entry }: LoadRequest,
  type: KimageType,
  handOver: bigint,
  { crashRegion }: Machine,
  trail: Trail,
): bigint {
  if (entry === undefined) return handOver;
  if (type === 'crash' && (crashRegion === undefined || !containsAddress(crashRegion.high, entry))) {
    const region = crashRegion === undefined ? 'there is none' : formatRange(crashRegion.high);
    refuse(
      'segment-crash',
      'EADDRNOTAVAIL',
      `the CPU would enter at ${hex(entry)}; the crash region: ${region}`,
    );
  }
  trail.note('entry', `the CPU enters at ${hex(entry)}, as asked, and not at ${hex(handOver)}`);
  return entry;
}

function checkFileSize(name: string, { length }: Uint8Array, trail: Trail): void {
  if (length === 0) {
    refuse('file-size', 'EINVAL', `the ${name} is empty`);
  }
  if (BigInt(length) > FILE_SIZE_MAX) {
    refuse('file-size', 'EFBIG', `the ${name} has ${hex(length)} bytes`);
  }
  trail.ok('file-size', `the ${name} has ${hex(length)} bytes`);
}

function probeImage(kernel: Uint8Array, trail: Trail): ImageHeader {
  const header = parseImageHeader(kernel);
  trail.ok('image-magic', 'the kernel is an arm64 Image', ['image-header']);
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
    `a PE file with ${sections.length} sections and ${certificates.length === 1 ? '1 certificate' : `${certificates.length} certificates`}`,
    ['pe-header', 'pe-directory', 'pe-certificates'],
  );
}

function checkCommandLine(commandLine: string, trail: Trail): void {
  const { length } = new TextEncoder().encode(commandLine);
  const nul = commandLine.indexOf('\0');
  if (nul >= 0) {
    refuse('command-line', 'EINVAL', 'the command line has a NUL in it', { offset: nul });
  }
  if (length >= COMMAND_LINE_SIZE) {
    refuse('command-line', 'EINVAL', `the command line has ${length} bytes`);
  }
  trail.ok('command-line', `the command line has ${length} bytes`);
}

/**
 * Where segments may go: free RAM, or for a crash kernel the crash region alone; within the window; at random, below 2^48,
 * where an Image may lie anywhere (booting.rst, flags, bit 3).
 */
function destinations(type: KimageType, request: LoadRequest, machine: Machine): readonly Range[] {
  const { window, randomPlaces } = request;
  const windows = [...(window ? [window] : []), ...(randomPlaces ? [{ start: 0n, end: 1n << 48n }] : [])];
  return windows.reduce<readonly Range[]>(
    (ranges, one) => ranges.flatMap((range) => intersection(range, one) ?? []),
    allDestinations(type, machine),
  );
}

function allDestinations(type: KimageType, machine: Machine): readonly Range[] {
  if (type === 'default') return freeRanges(machine);
  if (machine.crashRegion === undefined) {
    refuse(
      'crash-region',
      'EADDRNOTAVAIL',
      `${machine.name} has no crash region: crashkernel= was not given or found no memory`,
    );
  }
  return [machine.crashRegion.high];
}

/** The ELF core header for a crash kernel: the machine's, or the one that was given in its place. */
function elfcorehdr({ elfcorehdr: given }: LoadRequest, machine: Machine, trail: Trail): Uint8Array {
  const bytes = given ?? buildElfcorehdr(machine);
  const { notes, loads } = parseElfcorehdr(bytes);
  trail.ok(
    'elfcorehdr',
    `${given === undefined ? 'built' : 'as given'}, ${hex(bytes.length)} bytes: ` +
      `${notes.length} notes, ${loads.length} ranges of memory`,
  );
  const known = machine.crash?.notes.length ?? 0;
  const possible = machine.possibleCpus ?? 0;
  if (given === undefined && possible > known) {
    trail.note('elfcorehdr', `there may be ${possible} CPUs; where they leave notes is known of ${known}`);
  }
  return bytes;
}
