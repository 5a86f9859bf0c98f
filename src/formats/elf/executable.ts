import { refuse } from '../../base/error.js';
import { hex, U64_LIMIT } from '../../base/u64.js';
import { ET_EXEC, PF_RWX, PT_LOAD } from './format.js';
import { headersSize, type ProgramHeader, writeHeaders } from './program-headers.js';

/** `p_align`: offsets in the file and addresses agree up to it. A loader that maps pages can then map the file. */
const ALIGNMENT = 4096;
const PADDING = new Uint8Array(ALIGNMENT);

/** What one PT_LOAD puts into memory: `bytes` at a physical address, then zeros up to `memorySize` bytes. */
export interface ExecutableSegment {
  readonly physicalAddress: bigint;
  readonly bytes: Uint8Array;
  /** In bytes, at least as many as there are `bytes`. */
  readonly memorySize: bigint;
}

export interface ExecutableImage {
  /** The physical address where the CPU starts. */
  readonly entry: bigint;
  /** In any order; a few, as in a kimage. */
  readonly segments: readonly ExecutableSegment[];
}

/**
 * Builds an AArch64 ELF executable (ET_EXEC) whose PT_LOADs are the segments, at their physical addresses, by
 * ascending address as the ELF specification asks. Debuggers read it, and loaders such as QEMU's `-device loader`.
 *
 * @returns the file in pieces that are to be written one after the other. The segments' bytes are not copied: these
 *   pieces are the very arrays that were given.
 * @throws KexecError `EINVAL`: `segment-bytes` if a segment has more bytes than memory, `range-order` if one leaves
 *   the 64-bit address space, `segment-overlap` if two share an address.
 */
export function buildExecutable({ entry, segments }: ExecutableImage): Uint8Array[] {
  const ordered = [...segments].sort((a, b) => (a.physicalAddress < b.physicalAddress ? -1 : 1));
  checkSegments(ordered);

  const headers: ProgramHeader[] = [];
  const body: Uint8Array[] = [];
  const bodyStart = headersSize(ordered.length);
  let end = bodyStart;
  for (const segment of ordered) {
    const offset = nextOffset(end, segment.physicalAddress);
    headers.push(programHeader(segment, offset));
    body.push(PADDING.subarray(0, offset - end), segment.bytes);
    end = offset + segment.bytes.length;
  }
  const head = writeHeaders({ type: ET_EXEC, entry, programHeaders: headers }, bodyStart);
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
        `${segment} has ${hex(bytes.length)} bytes for ${hex(memorySize)} bytes of memory`,
      );
    }
    if (physicalAddress < end)
      refuse('segment-overlap', 'EINVAL', `${segment} begins below ${hex(end)}, where another ends`);
    end = physicalAddress + memorySize;
    if (end > U64_LIMIT) refuse('range-order', 'EINVAL', `${segment} ends at ${hex(end)}`);
  }
}

/** The first offset from `end` on that agrees with the address up to {@link ALIGNMENT}. */
function nextOffset(end: number, address: bigint): number {
  const wanted = Number(address % BigInt(ALIGNMENT));
  return end + ((wanted - (end % ALIGNMENT) + ALIGNMENT) % ALIGNMENT);
}

function programHeader(
  { physicalAddress, bytes, memorySize }: ExecutableSegment,
  offset: number,
): ProgramHeader {
  return {
    type: PT_LOAD,
    flags: PF_RWX,
    offset: BigInt(offset),
    virtualAddress: physicalAddress, // the MMU is off
    physicalAddress,
    fileSize: BigInt(bytes.length),
    memorySize,
    alignment: BigInt(ALIGNMENT),
  };
}
