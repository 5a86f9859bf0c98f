import { concatenate, encodeU32le, encodeU64le } from '../../../base/bytes.js';
import { refuse } from '../../../base/error.js';
import { type Range, rangeOf } from '../../../base/range.js';
import { formatBytes } from '../../../base/sizes.js';
import { alignUp, GIB, MIB } from '../../../base/u64.js';
import { buildExecutable, type ExecutableSegment } from '../../../formats/elf/executable.js';
import { EM_X86_64 } from '../../../formats/elf/format.js';
import { FreeMemory } from '../../free-memory.js';
import { getSegmentRange, type Kimage, SEGMENT_MAX, type Segment } from '../../kimage.js';
import { decodePvhEntry } from './pvh-entry-code.js';
import { buildIdentityMap, countTables, TABLE_SIZE } from './pvh-identity-map.js';

/** Where pvh-entry.S has its parameters, in bytes from its start. */
const START_AT = 1;
const ROOT_AT = 8;
const ENTRY_AT = 16;
const SEGMENTS_AT = 512;

const PAGE_SIZE = 4096n;

/** `XEN_ELFNOTE_PHYS32_ENTRY`, a note of "Xen". */
const PHYS32_ENTRY = 18;

/** The entry runs in 32-bit mode. Below 1 MiB, there is memory of the firmware. */
const ENTRY_WINDOW = { start: MIB, end: 4n * GIB };

/** The entry's own memory needs at most so many tables more: of the root, and of two GiB. */
const OWN_TABLES = 3;

/** A segment whose bytes the file has at another address. */
interface StagedSegment {
  readonly segment: Segment;
  readonly staged: bigint;
}

/**
 * Builds an ELF file that boots a kimage on a virtual machine whose loader knows PVH (QEMU's `-kernel`): its entry moves the
 * segments to their places, makes an identity map of them, and enters the kimage in 64-bit mode, as a leaving kernel does.
 *
 * The file holds the segments at other addresses, because firmware that runs in between uses memory that is free later.
 *
 * @param memory - the machine's RAM, lowest first, without overlaps
 * @returns the file in pieces, which share memory with the segments
 * @throws KexecError `EADDRNOTAVAIL`, check `segment-hole`, if RAM has no room for the segments twice; `EINVAL`, checks
 *   `purgatory-map` and `segment-count`, for a segment beyond 48 bits, or more than 16.
 */
export function buildPvhElf({ entry, segments }: Kimage, memory: readonly Range[]): Uint8Array[] {
  if (segments.length > SEGMENT_MAX) refuse('segment-count', 'EINVAL', `${segments.length} segments`);
  const free = new FreeMemory(memory);
  const taken = segments.map(getSegmentRange);
  const take = (what: string, length: bigint, window: Range): bigint => {
    const size = alignUp(length, PAGE_SIZE);
    const start = free.findStart(taken, { size, alignment: PAGE_SIZE, window, direction: 'bottom-up' });
    if (start === undefined) {
      refuse(
        'segment-hole',
        'EADDRNOTAVAIL',
        `no hole for ${what} before it is moved: ${formatBytes(size)}`,
        {
          cure: 'give the virtual machine more memory: it holds each segment twice while it starts',
        },
      );
    }
    taken.push(rangeOf(start, size));
    return start;
  };

  const staged = segments
    .filter(({ bytes }) => bytes.length > 0)
    .map((segment) => ({
      segment,
      staged: take(segment.name, BigInt(segment.bytes.length), { start: MIB, end: 1n << 48n }),
    }));
  const code = decodePvhEntry();
  const tablesAt = alignUp(BigInt(code.length), PAGE_SIZE);
  const tablesSize = BigInt((countTables(taken) + OWN_TABLES) * TABLE_SIZE);
  const start = take('the entry', tablesAt + tablesSize, ENTRY_WINDOW);
  setParameters(code, { start, root: start + tablesAt, entry, staged, segments });
  const own = new Uint8Array(Number(tablesAt + tablesSize));
  own.set(code);
  own.set(buildIdentityMap(taken, start + tablesAt), Number(tablesAt));

  return buildExecutable({
    entry: start,
    machine: EM_X86_64,
    notes: encodeEntryNote(start),
    segments: [
      { physicalAddress: start, bytes: own, memorySize: BigInt(own.length) },
      ...staged.map(
        ({ segment: { bytes }, staged: physicalAddress }): ExecutableSegment => ({
          physicalAddress,
          bytes,
          memorySize: BigInt(bytes.length),
        }),
      ),
    ],
  });
}

interface EntryParameters {
  readonly start: bigint;
  readonly root: bigint;
  readonly entry: bigint;
  readonly staged: readonly StagedSegment[];
  readonly segments: readonly Segment[];
}

function setParameters(code: Uint8Array, { start, root, entry, staged, segments }: EntryParameters): void {
  code.set(encodeU32le(Number(start)), START_AT);
  code.set(encodeU32le(Number(root)), ROOT_AT);
  code.set(encodeU64le(entry), ENTRY_AT);
  const sources = new Map(staged.map(({ segment, staged: from }) => [segment, from]));
  const list = segments.map((segment) =>
    concatenate(
      [sources.get(segment) ?? segment.mem, segment.mem, BigInt(segment.bytes.length), segment.memsz].map(
        encodeU64le,
      ),
    ),
  );
  code.set(concatenate(list), SEGMENTS_AT);
}

function encodeEntryNote(address: bigint): Uint8Array {
  const name = new TextEncoder().encode('Xen\0');
  return concatenate([
    encodeU32le(name.length),
    encodeU32le(8),
    encodeU32le(PHYS32_ENTRY),
    name,
    encodeU64le(address),
  ]);
}
