import { attempt, KexecError, refuse } from '../base/error.js';
import { type RandomSource, systemRandom } from '../base/random.js';
import { containsAddress, formatRange } from '../base/range.js';
import { formatBytes } from '../base/sizes.js';
import { Trail, type TrailEntry } from '../base/trail.js';
import { hex } from '../base/u64.js';
import { parseElfcorehdr, writeElfcorehdr } from '../crash/elfcorehdr.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import { checkKernelGates } from '../trust/check-kernel-gates.js';
import { portableHashes } from '../trust/portable-hashes.js';
import { createSeededRandom } from '../trust/seeded-random.js';
import { adviseRoom } from './advise-room.js';
import type { Architecture, KernelLoader } from './architecture.js';
import { ARCHITECTURES, findArchitecture } from './architectures.js';
import { checkFileSize } from './check-file-size.js';
import { findDestinations, limitDestinations } from './destinations.js';
import { findDmCryptKeys } from './dm-crypt-keys.js';
import { FreeMemory } from './free-memory.js';
import { findHandover, placeHandoverList } from './handover.js';
import { type Kimage, NoHoleError, SegmentList } from './kimage.js';
import { limitToRules } from './limit-to-rules.js';
import type { LoadInProgress } from './load-in-progress.js';
import type { LoadOptions } from './load-options.js';
import { noteCma } from './note-cma.js';
import { placeAtRandom } from './random-draws.js';
import type { LoadRequest } from './request.js';
import { loaderHas } from './running-kernel.js';
import { checkSegments } from './sanity.js';
import { ScratchMemory } from './scratch-memory.js';

/** A load ends in a kimage or in a refusal; either way the trail has every check. */
export type LoadResult =
  | { readonly kimage: Kimage; readonly trail: readonly TrailEntry[] }
  | { readonly refusal: KexecError; readonly trail: readonly TrailEntry[] };

/**
 * Decides as the kernel decides in kexec_file_load(2): probe, signature, initrd, command line, placement, device
 * tree or boot parameters, sanity; then adds purgatory, which hands over. Reads nothing but its arguments and changes
 * nothing.
 *
 * @param trail - with earlier checks, if there were any
 * @param architectures - those whose kernels can be loaded
 * @returns the kimage, or the refusal with the errno that the system call would give. Never throws for bad input.
 */
export function kexecFileLoad(
  request: LoadRequest,
  machine: MachineFacts,
  trail: Trail = new Trail(),
  architectures: readonly Architecture[] = ARCHITECTURES,
): LoadResult {
  const loaded = attempt(() => load(request, machine, trail, findArchitecture(machine, architectures)));
  if (!(loaded instanceof KexecError)) return { kimage: loaded, trail: trail.entries };
  trail.refuse(loaded, loaded instanceof NoHoleError ? loaded.holes : undefined);
  return { refusal: loaded, trail: trail.entries };
}

function load(
  { options = {}, ...rest }: LoadRequest,
  machine: MachineFacts,
  trail: Trail,
  architecture: Architecture,
): Kimage {
  const { type = 'default', commandLine } = options;
  const request = { ...rest, options };
  const inProgress: LoadInProgress = { request, type, machine: limitToRules(machine, options), trail };

  architecture.checkCall(inProgress);
  const sizeRules = { takesLargeFiles: loaderHas(inProgress, 'large-files') };
  checkFileSize('kernel', request.kernel, trail, sizeRules);
  checkRules(options, architecture);
  if (request.trust?.policy === 'as-kernel')
    checkKernelGates({ ...request, call: options.call }, request.trust, machine, trail);
  const loader = findLoader(architecture, request.kernel, trail, machine);
  loader.verify(inProgress);
  if (request.initrd !== undefined) checkFileSize('initrd', request.initrd, trail, sizeRules);
  if (commandLine !== undefined) checkCommandLine(commandLine, architecture, trail);
  loader.check(inProgress);
  return placeAll(loader, inProgress, architecture);
}

/** Places all segments, where the kernel would or at random. */
function placeAll(loader: KernelLoader, load: LoadInProgress, architecture: Architecture): Kimage {
  const { request, type, machine, trail } = load;
  const handover = findHandover(load);
  noteCma(load, handover !== undefined);
  const dmCryptKeys = findDmCryptKeys(load);
  const memory =
    handover === undefined
      ? new FreeMemory(
          findDestinations(request.options, machine, architecture),
          architecture.searchesUpwards?.(load),
        )
      : new ScratchMemory(limitDestinations(handover.scratch, request.options, architecture));
  const elfcorehdr = type === 'crash' ? findElfcorehdr(load, architecture) : request.elfcorehdr;
  const randomPlaces = findRandomSource(request);

  const place = (attemptTrail: Trail): Kimage => {
    const segments = new SegmentList(memory, machine.pageSize, randomPlaces, (name) =>
      adviseRoom(name, load, handover !== undefined),
    );
    const placement = {
      ...load,
      request: { ...request, elfcorehdr },
      dmCryptKeys,
      segments,
      trail: attemptTrail,
    };
    const handOver = loader.load({
      ...placement,
      handover: handover && placeHandoverList(handover, placement),
    });
    const placed = { type, segments: segments.segments };
    checkSegments(placed, machine, architecture.findDestinationLimit(machine), attemptTrail);
    return { ...placed, entry: findEntry(handOver, placement) };
  };
  return randomPlaces === undefined ? place(trail) : placeAtRandom(place, memory.ranges.length, trail);
}

/** The source of random places; undefined if the segments go where the kernel would put them. */
function findRandomSource({
  options: { randomize },
  random = systemRandom,
}: LoadInProgress['request']): RandomSource | undefined {
  if (randomize === undefined) return undefined;
  return randomize === true ? random : createSeededRandom(randomize, portableHashes);
}

/**
 * Refuses a file that is a kernel of no architecture, whatever machine it is for.
 *
 * @throws KexecError as the load does: check `file-size`, or the last loader's
 */
export function requireKernel(
  kernel: Uint8Array,
  architectures: readonly Architecture[] = ARCHITECTURES,
): void {
  const trail = new Trail();
  checkFileSize('kernel', kernel, trail);
  const [first, ...others] = architectures.map((architecture) =>
    attempt(() => findLoader(architecture, kernel, trail)),
  );
  if (first instanceof KexecError && others.every((other) => other instanceof KexecError)) throw first;
}

/** The first loader that recognises the kernel. @throws KexecError of the last one, if none does. */
function findLoader(
  { loaders, name }: Architecture,
  kernel: Uint8Array,
  trail: Trail,
  machine?: MachineFacts,
): KernelLoader {
  let refusal: KexecError | undefined;
  for (const loader of loaders) {
    const probed = attempt(() => loader.probe(kernel, trail, machine));
    if (!(probed instanceof KexecError)) return loader;
    refusal = probed;
  }
  throw refusal ?? new Error(`${name} has no loader`);
}

/** The requested address, purgatory, or the kernel; a crash kernel's lies in its region: `kimage_alloc_init()`. */
function findEntry(handOver: bigint, { request, type, machine, trail }: LoadInProgress): bigint {
  const { entry } = request.options;
  if (entry === undefined) return handOver;
  const { crashRegion } = machine;
  if (type === 'crash' && (crashRegion === undefined || !containsAddress(crashRegion.high, entry))) {
    const region = crashRegion === undefined ? 'there is none' : formatRange(crashRegion.high);
    refuse(
      'segment-crash',
      'EADDRNOTAVAIL',
      `the CPU would enter at ${hex(entry)}; the crash region: ${region}`,
    );
  }
  trail.note('entry', `the CPU enters at ${hex(entry)}, as requested, and not at ${hex(handOver)}`);
  return entry;
}

function checkRules({ rules }: LoadOptions, { name, ruleNames }: Architecture): void {
  if (rules === undefined || ruleNames.includes(rules)) return;
  refuse('placement-rules', 'EINVAL', `${name} has rules ${ruleNames.join(', ')}, and not ${rules}`);
}

function checkCommandLine(commandLine: string, { commandLineSize }: Architecture, trail: Trail): void {
  const { length } = new TextEncoder().encode(commandLine);
  const nul = commandLine.indexOf('\0');
  if (nul >= 0) {
    refuse('command-line', 'EINVAL', 'the command line has a NUL in it', {
      offset: nul,
      cure: 'remove the NUL from the command line',
    });
  }
  if (commandLineSize !== undefined && length >= commandLineSize) {
    refuse('command-line', 'EINVAL', `the command line has ${length} bytes`, {
      cure: `shorten it to at most ${commandLineSize - 1} bytes`,
    });
  }
  trail.ok('command-line', `the command line has ${length} bytes`);
}

/** The ELF core header for a crash kernel: the given one, or else the machine's. */
function findElfcorehdr(
  { request: { elfcorehdr: given }, machine, trail }: LoadInProgress,
  { elfcorehdr: rules }: Architecture,
): Uint8Array {
  const bytes = given ?? writeElfcorehdr(machine, rules);
  const { notes, loads } = parseElfcorehdr(bytes, rules.elfMachine);
  trail.ok(
    'elfcorehdr',
    `${given === undefined ? 'built' : 'as given'}, ${formatBytes(bytes.length)}: ` +
      `${notes.length} notes, ${loads.length} ranges of memory`,
  );
  const known = machine.crash?.notes.length ?? 0;
  const possible = machine.possibleCpus ?? 0;
  if (given === undefined && possible > known) {
    trail.note('elfcorehdr', `there may be ${possible} CPUs; the place of the notes is known for ${known}`);
  }
  return bytes;
}
