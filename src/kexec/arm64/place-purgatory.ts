import { encodeU32le, encodeU64le } from '../../base/bytes.js';
import { alignUp, hex, maximum } from '../../base/u64.js';
import type { Arm64Machine } from '../../machine/arm64/arm64-machine.js';
import { portableHashes } from '../../trust/portable-hashes.js';
import type { PurgatoryOptions } from '../hand-over-options.js';
import { getSegmentRange, type Segment } from '../kimage.js';
import { type PlacementInProgress, placeSegment } from '../load-in-progress.js';
import { digestSegments } from '../purgatory/digest-segments.js';
import type { Purgatory } from '../purgatory/purgatory.js';
import { listVerified, setRegions } from '../purgatory/regions.js';
import type { PlacedImage } from './place-image.js';
import { findLowestBeside, type PlacementRules } from './placement-rules.js';
import {
  ADDRESS_LIMIT,
  buildPageTables,
  type Mapping,
  measureTables,
  TABLE_SIZE,
} from './purgatory/identity-map.js';
import { loadOwnPurgatory } from './purgatory/load-purgatory.js';
import { setMismatch } from './purgatory/mismatch.js';
import type { PurgatorySetup } from './purgatory/purgatory-setup.js';
import { setSerial } from './purgatory/serial-port.js';

/**
 * Places purgatory, the code between two kernels: it verifies the other segments, and enters the next kernel as
 * booting.rst demands, with the device tree's address in x0. docs/purgatory.md describes it.
 *
 * It comes last and goes to the highest fit above the kernel, so that it moves no other segment.
 *
 * @returns the physical address where it is entered
 * @throws KexecError as {@link placeSegment}; `EINVAL` if it cannot do what the options ask.
 */
export function placePurgatory(
  { kernel, dtb }: PlacedImage,
  rules: PlacementRules,
  options: PurgatoryOptions,
  placement: PlacementInProgress<Arm64Machine>,
): bigint {
  const purgatory = loadOwnPurgatory();
  purgatory.setSymbol('kernel_entry', encodeU64le(kernel.mem));
  purgatory.setSymbol('dtb_addr', encodeU64le(dtb.mem));
  const map = setUp({ purgatory, options, placement });

  // Its bytes depend on its address: it takes its place with bytes of the right size, then is linked there.
  const code = alignUp(purgatory.size, BigInt(TABLE_SIZE));
  const tables = map.length === 0 ? 0 : measureTables(map, code);
  const placed = placeSegment(placement, {
    name: 'purgatory',
    bytes: new Uint8Array(Number(code) + tables),
    memsz: code + BigInt(tables),
    alignment: maximum(purgatory.alignment, BigInt(TABLE_SIZE)),
    direction: 'top-down',
    minimum: findLowestBeside(kernel, rules),
  });
  const entry = link(purgatory, placed, map);
  placement.trail.ok(
    'elf-relocation',
    `purgatory linked at ${hex(placed.mem)}: x0 = ${hex(dtb.mem)}, enters ${hex(kernel.mem)}`,
  );
  return entry;
}

/** Sets what purgatory verifies, and how. @returns the ranges that it maps to read them. */
function setUp(setup: PurgatorySetup): Mapping[] {
  const { purgatory, options, placement } = setup;
  const { trail, request } = placement;
  const { hashes = portableHashes } = request;
  const verified = listVerified(placement.segments.segments, request.options);
  setRegions(purgatory, verified, (segment) => digestSegments([segment], hashes));
  const map = options.caches === false ? [] : mapSegments(verified);
  if (options.checks === false) {
    trail.note(
      'purgatory-regions',
      'no checks, as requested: purgatory enters the kernel without verifying it',
    );
    return map;
  }
  trail.ok(
    'purgatory-regions',
    `purgatory verifies ${verified.map(({ name }) => name).join(', ')} by SHA-256`,
  );
  noteMap(map, setup);
  setSerial(setup);
  setMismatch(setup);
  purgatory.setSymbol('use_sha2', encodeU32le(options.sha2 === false ? 0 : 1));
  return map;
}

/** Maps the segments read-only; none of them if one lies beyond 48 bits. */
function mapSegments(segments: readonly Segment[]): Mapping[] {
  const ranges = segments.map(getSegmentRange);
  if (ranges.some(({ end }) => end > ADDRESS_LIMIT)) return [];
  return ranges.map((range) => ({ range, access: 'read-only' }));
}

function noteMap(
  map: readonly Mapping[],
  { options: { caches }, placement: { trail } }: PurgatorySetup,
): void {
  if (map.length > 0)
    trail.ok('purgatory-map', 'purgatory maps the segments read-only and reads them through the caches');
  else if (caches === false) trail.note('purgatory-map', 'purgatory leaves MMU and caches off, as requested');
  else trail.note('purgatory-map', 'a segment lies beyond 48 bits: purgatory leaves MMU and caches off');
}

/** Fills the bytes of the segment. @returns the physical address where it is entered. */
function link(purgatory: Purgatory, { mem, bytes }: Segment, map: readonly Mapping[]): bigint {
  if (map.length > 0) {
    const code = mem + alignUp(purgatory.size, BigInt(TABLE_SIZE));
    const contents = mem + alignUp(purgatory.contentsSize, BigInt(TABLE_SIZE));
    const tables = buildPageTables(
      [
        ...map,
        { range: { start: mem, end: contents }, access: 'code' },
        { range: { start: contents, end: code }, access: 'data' },
      ],
      code,
    );
    purgatory.setSymbol('page_table_root', encodeU64le(code));
    bytes.set(tables, Number(code - mem));
  }
  const linked = purgatory.link(mem);
  bytes.set(linked.bytes);
  return linked.entry;
}
