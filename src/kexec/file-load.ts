import { KexecError, refuse } from '../base/error.js';
import { type RandomSource, systemRandom } from '../base/random.js';
import { containsAddress, formatRange, intersection, type Range } from '../base/range.js';
import { Trail, type TrailEntry } from '../base/trail.js';
import { GIB, hex, U64_LIMIT } from '../base/u64.js';
import { buildElfcorehdr, parseElfcorehdr } from '../crash/elfcorehdr.js';
import { type ImageHeader, parseImageHeader } from '../formats/arm64-image.js';
import { parsePe } from '../formats/pe/parse.js';
import { freeRanges } from '../machine/machine-facts.js';
import type { Machine } from '../machine/machine-value.js';
import { checkSignature } from '../trust/check-signature.js';
import type { Envelope } from '../trust/envelope.js';
import type { Hashes } from '../trust/hashes.js';
import type { TrustRequest } from '../trust/policy.js';
import { portableHashes } from '../trust/portable-hashes.js';
import { seededRandom } from '../trust/seeded-random.js';
import { checkImage, type PlaceOthers, placeImage } from './arm64/place-image.js';
import { placeOtherSegments } from './arm64/place-others.js';
import { placePurgatory } from './arm64/place-purgatory.js';
import { PLACEMENT_RULES, randomRules } from './arm64/placement-rules.js';
import { type Kimage, type KimageType, NoHoleError, SegmentList } from './kimage.js';
import type { LoadOptions } from './load-options.js';
import { placeAtRandom } from './random-draws.js';
import { checkSegments } from './sanity.js';

/** `KEXEC_FILE_SIZE_MAX`, in bytes. */
export const FILE_SIZE_MAX = 4n * GIB;

/** `COMMAND_LINE_SIZE` of arm64, in bytes, the terminating NUL included. */
const COMMAND_LINE_SIZE = 2048;

/** What to load, and how. The bytes are loaded as they are given, never read again. */
export interface LoadRequest {
  /** An arm64 Image. */
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array | undefined;
  /** Default: all options have their defaults. */
  readonly options?: LoadOptions | undefined;
  /** The ELF core header for a crash kernel. Default: it is built for the machine. */
  readonly elfcorehdr?: Uint8Array | undefined;
  /** Who must have signed the kernel. Default: signatures are not verified. */
  readonly trust?: TrustRequest | undefined;
  /** The signed files that contained the kernel, from `unwrapKernel()`. */
  readonly envelopes?: readonly Envelope[] | undefined;
  /** Computes the digests that purgatory checks. Default: JavaScript, slower by an order of magnitude. */
  readonly hashes?: Hashes | undefined;
  /** Source of kaslr-seed and rng-seed. Default: the next kernel gets neither. */
  readonly random?: RandomSource | undefined;
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
  const { kernel, initrd, options = {} } = request;
  const { type = 'default', commandLine } = options;

  checkFileSize('kernel', kernel, trail);
  const header = probeImage(kernel, trail);
  checkSignature({ ...request, commandLine }, request.trust, machine, trail);
  checkPe(kernel, header, trail);
  if (initrd !== undefined) checkFileSize('initrd', initrd, trail);
  if (commandLine !== undefined) checkCommandLine(commandLine, trail);
  checkImage(header, machine, trail);

  const free = destinations(type, options, machine);
  const job: PlacementJob = {
    request: {
      ...request,
      options,
      elfcorehdr: type === 'crash' ? elfcorehdr(request, machine, trail) : request.elfcorehdr,
    },
    type,
    header,
    free,
    randomPlaces: randomSource(options, request.random),
  };
  const place = (attempt: Trail) => placeAll(job, machine, attempt);
  return job.randomPlaces === undefined ? place(trail) : placeAtRandom(place, trail);
}

/** What placement starts from, once everything else was checked. */
interface PlacementJob {
  readonly request: LoadRequest & { readonly options: LoadOptions };
  readonly type: KimageType;
  readonly header: ImageHeader;
  readonly free: readonly Range[];
  /** Where places are drawn from; undefined if they are searched. */
  readonly randomPlaces: RandomSource | undefined;
}

function randomSource(
  { randomize }: LoadOptions,
  random: RandomSource = systemRandom,
): RandomSource | undefined {
  if (randomize === undefined) return undefined;
  return randomize === true ? random : seededRandom(randomize, portableHashes);
}

/** Every segment: kernel, what goes with it, and purgatory; by the rules, or at random. */
function placeAll(
  { request, type, header, free, randomPlaces }: PlacementJob,
  machine: Machine,
  trail: Trail,
): Kimage {
  const { kernel, options, hashes = portableHashes } = request;
  const asked = PLACEMENT_RULES[options.rules ?? 'mainline'];
  const rules = randomPlaces === undefined ? asked : randomRules(asked, header.placeAnywhere);
  const list = new SegmentList(free, machine.pageSize, randomPlaces);
  const placeOthers: PlaceOthers = (kernelSegment, attempt) =>
    placeOtherSegments(kernelSegment, request, machine, list, rules, attempt);
  const placed = placeImage(kernel, header, list, rules, placeOthers, trail);
  const handOver =
    options.purgatory === false
      ? placed.kernel.mem
      : placePurgatory(
          { ...placed, type, options: options.purgatory ?? {}, rules, hashes },
          machine,
          list,
          trail,
        );

  checkSegments({ segments: list.segments, type }, machine, U64_LIMIT, trail);
  return { type, entry: entryOf(options, type, handOver, machine, trail), segments: list.segments };
}

/** Purgatory, the kernel, or what was asked for; a crash kernel's lies in its region: `kimage_alloc_init()`. */
function entryOf(
  { entry }: LoadOptions,
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
function destinations(
  type: KimageType,
  { window, randomize }: LoadOptions,
  machine: Machine,
): readonly Range[] {
  const bounds = [
    ...(window === undefined ? [] : [window]),
    ...(randomize === undefined ? [] : [{ start: 0n, end: 1n << 48n }]),
  ];
  return bounds.reduce<readonly Range[]>(
    (ranges, bound) => ranges.flatMap((range) => intersection(range, bound) ?? []),
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
