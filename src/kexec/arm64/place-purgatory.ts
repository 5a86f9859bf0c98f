import { encodeU32le, encodeU64le } from '../../base/bytes.js';
import type { Trail } from '../../base/trail.js';
import { alignUp, hex, maximum } from '../../base/u64.js';
import { readDeviceTree } from '../../machine/arm64/read-device-tree.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Hashes } from '../../trust/hashes.js';
import type { PurgatoryOptions } from '../hand-over-options.js';
import type { KimageType, Segment, SegmentList } from '../kimage.js';
import { segmentRange } from '../kimage.js';
import { lowestBeside, type PlacementRules } from './placement-rules.js';
import {
  ADDRESS_LIMIT,
  buildPageTables,
  type Mapping,
  TABLE_SIZE,
  tableBytes,
} from './purgatory/identity-map.js';
import { setMismatch } from './purgatory/mismatch.js';
import { loadOwnPurgatory, type Purgatory } from './purgatory/purgatory.js';
import { setSerial } from './purgatory/serial-port.js';
import { setRegions } from './purgatory/verification.js';

/** What purgatory hands over, and how. */
export interface HandOver {
  readonly kernel: Segment;
  readonly dtb: Segment;
  readonly type: KimageType;
  readonly options: PurgatoryOptions;
  readonly rules: PlacementRules;
  readonly hashes: Hashes;
}

/**
 * Places purgatory, the code between two kernels: it verifies the other segments, and enters the next kernel as
 * booting.rst demands, with the device tree's address in x0. docs/purgatory.md has the whole.
 *
 * It comes last and goes to the highest fit above the kernel, so that it moves no other segment.
 *
 * @returns the address where it is entered.
 * @throws KexecError as {@link SegmentList.add}; `EINVAL` where it cannot do what the options ask.
 */
export function placePurgatory(
  handOver: HandOver,
  machine: Machine,
  list: SegmentList,
  trail: Trail,
): bigint {
  const { kernel, dtb, options, rules, hashes } = handOver;
  const purgatory = loadOwnPurgatory();
  purgatory.setSymbol('kernel_entry', encodeU64le(kernel.mem));
  purgatory.setSymbol('dtb_addr', encodeU64le(dtb.mem));

  const verified = options.checks === false ? [] : list.segments;
  setRegions(purgatory, verified, hashes);
  const map = options.caches === false ? [] : mapOf(verified);
  if (options.checks === false) {
    trail.note('purgatory-regions', 'no checks, as asked: purgatory enters the kernel without a look at it');
  } else {
    trail.ok(
      'purgatory-regions',
      `purgatory verifies ${verified.map(({ name }) => name).join(', ')} by SHA-256`,
    );
    noteMap(map, options, trail);
    const tree = readDeviceTree(machine);
    setSerial(purgatory, options.serial, tree, trail);
    setMismatch(purgatory, options.onMismatch, handOver.type, tree, trail);
    purgatory.setSymbol('use_sha2', encodeU32le(options.sha2 === false ? 0 : 1));
  }

  // Its bytes depend on its address: it takes its place with bytes of the right size, then is linked there.
  const code = alignUp(purgatory.size, BigInt(TABLE_SIZE));
  const tables = map.length === 0 ? 0 : tableBytes(map, code);
  const placed = list.add(
    {
      name: 'purgatory',
      bytes: new Uint8Array(Number(code) + tables),
      memsz: code + BigInt(tables),
      alignment: maximum(purgatory.alignment, BigInt(TABLE_SIZE)),
      direction: 'top-down',
      minimum: lowestBeside(kernel, rules),
    },
    trail,
  );
  const entry = link(purgatory, placed, map);
  trail.ok(
    'elf-relocation',
    `purgatory linked at ${hex(placed.mem)}: x0 = ${hex(dtb.mem)}, enters ${hex(kernel.mem)}`,
  );
  return entry;
}

/** The regions to read, if 48 bits can tell where all of them are. */
function mapOf(segments: readonly Segment[]): Mapping[] {
  const ranges = segments.map(segmentRange);
  if (ranges.some(({ end }) => end > ADDRESS_LIMIT)) return [];
  return ranges.map((range) => ({ range, access: 'read-only' }));
}

function noteMap(map: readonly Mapping[], { caches }: PurgatoryOptions, trail: Trail): void {
  if (map.length > 0)
    trail.ok('purgatory-map', 'purgatory maps the segments read-only and reads them through the caches');
  else if (caches === false) trail.note('purgatory-map', 'purgatory leaves MMU and caches off, as asked');
  else trail.note('purgatory-map', 'a segment lies beyond 48 bits: purgatory leaves MMU and caches off');
}

/** Fills the bytes of the segment, and gives the address where it is entered. */
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
