import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex, U64_LIMIT } from '../../base/u64.js';
import { ET_EXEC, PF_R, PF_RWX, PT_LOAD, PT_NOTE } from './format.js';
import { headersSize, type ProgramHeader, writeHeaders } from './program-headers.js';

/** `p_align`: file offsets and addresses are equal modulo this, so that a loader can map pages of the file. */
const ALIGNMENT = 4096;
const PADDING = new Uint8Array(ALIGNMENT);

/** The contents of one PT_LOAD: `bytes` at a physical address, then zeros up to `memorySize` bytes. */
export interface ExecutableSegment {
  readonly physicalAddress: bigint;
  readonly bytes: Uint8Array;
  /** In bytes, at least `bytes.length`. */
  readonly memorySize: bigint;
}

export interface ExecutableImage {
  /** The physical address where the CPU starts. */
  readonly entry: bigint;
  /** In any order. */
  readonly segments: readonly ExecutableSegment[];
  /** `e_machine`. Default: AArch64. */
  readonly machine?: number;
  /** The contents of a PT_NOTE, which takes no memory: one note or several. Default: none. */
  readonly notes?: Uint8Array;
}

/** Notes consist of words of 4 bytes. */
const NOTE_ALIGNMENT = 4n;

/**
 * Builds an ELF executable (ET_EXEC) whose PT_LOADs are the segments at their physical addresses, in ascending
 * order as the ELF specification requires. Debuggers read it, and loaders such as QEMU's `-device loader`.
 *
 * @returns the file in pieces, to be written in order. The bytes of the segments are shared, not copied.
 * @throws KexecError `EINVAL`: `segment-bytes` if a segment has more bytes than memory, `range-order` if one leaves
 *   the 64-bit address space, `segment-overlap` if two share an address.
 */
export function buildExecutable({ entry, segments, machine, notes }: ExecutableImage): Uint8Array[] {
  const ordered = [...segments].sort((a, b) => (a.physicalAddress < b.physicalAddress ? -1 : 1));
  checkSegments(ordered);

  const headers: ProgramHeader[] = [];
  const body: Uint8Array[] = [];
  const headersEnd = headersSize(ordered.length + (notes === undefined ? 0 : 1));
  let end = headersEnd;
  if (notes !== undefined) {
    headers.push(buildNoteHeader(notes, end));
    body.push(notes);
    end += notes.length;
  }
  for (const segment of ordered) {
    const offset = findOffset(end, segment.physicalAddress);
    headers.push(buildProgramHeader(segment, offset));
    body.push(PADDING.subarray(0, offset - end), segment.bytes);
    end = offset + segment.bytes.length;
  }
  const head = writeHeaders(
    { type: ET_EXEC, entry, programHeaders: headers, ...(machine === undefined ? {} : { machine }) },
    headersEnd,
  );
  return [head, ...body].filter((piece) => piece.length > 0);
}

function checkSegments(ordered: readonly ExecutableSegment[]): void {
  let end = 0n;
  for (const { physicalAddress, bytes, memorySize } of ordered) {
    const segment = `the segment at ${hex(physicalAddress)}`;
    if (BigInt(bytes.length) > memorySize) {
      refuse(
        'segment-bytes',
        'EINVAL',
        `${segment} has ${formatBytes(bytes.length)} for ${formatBytes(memorySize)} of memory`,
      );
    }
    if (physicalAddress < end)
      refuse('segment-overlap', 'EINVAL', `${segment} begins below ${hex(end)}, where another ends`);
    end = physicalAddress + memorySize;
    if (end > U64_LIMIT) refuse('range-order', 'EINVAL', `${segment} ends at ${hex(end)}`);
  }
}

/** Finds the first offset from `end` on that equals the address modulo {@link ALIGNMENT}. */
function findOffset(end: number, address: bigint): number {
  const wanted = Number(address % BigInt(ALIGNMENT));
  return end + ((wanted - (end % ALIGNMENT) + ALIGNMENT) % ALIGNMENT);
}

function buildProgramHeader(
  { physicalAddress, bytes, memorySize }: ExecutableSegment,
  offset: number,
): ProgramHeader {
  return {
    type: PT_LOAD,
    flags: PF_RWX,
    offset: BigInt(offset),
    virtualAddress: physicalAddress, // the MMU is off at the entry
    physicalAddress,
    fileSize: BigInt(bytes.length),
    memorySize,
    alignment: BigInt(ALIGNMENT),
  };
}

function buildNoteHeader(notes: Uint8Array, offset: number): ProgramHeader {
  return {
    type: PT_NOTE,
    flags: PF_R,
    offset: BigInt(offset),
    virtualAddress: 0n,
    physicalAddress: 0n,
    fileSize: BigInt(notes.length),
    memorySize: 0n,
    alignment: NOTE_ALIGNMENT,
  };
}
