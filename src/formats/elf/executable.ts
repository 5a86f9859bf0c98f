import { KexecError } from '../../base/error.js';
import { hex, U64_LIMIT } from '../../base/u64.js';
import { ELF_HEADER_SIZE, ELFCLASS64, ELFDATA2LSB, EM_AARCH64, ET_EXEC, EV_CURRENT } from './format.js';

const PROGRAM_HEADER_SIZE = 56;
const PT_LOAD = 1;
const PF_RWX = 7;

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

interface PlacedSegment extends ExecutableSegment {
  /** In bytes from the start of the file. */
  readonly offset: number;
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

  const headerSize = ELF_HEADER_SIZE + ordered.length * PROGRAM_HEADER_SIZE;
  const placed: PlacedSegment[] = [];
  const body: Uint8Array[] = [];
  let end = headerSize;
  for (const segment of ordered) {
    const offset = nextOffset(end, segment.physicalAddress);
    placed.push({ ...segment, offset });
    body.push(PADDING.subarray(0, offset - end), segment.bytes);
    end = offset + segment.bytes.length;
  }
  return [buildHeaders(entry, placed, headerSize), ...body].filter((piece) => piece.length > 0);
}

function checkSegments(ordered: readonly ExecutableSegment[]): void {
  let end = 0n;
  for (const { physicalAddress, bytes, memorySize } of ordered) {
    const refuse = (check: 'segment-bytes' | 'segment-overlap' | 'range-order', seen: string): never => {
      throw new KexecError({
        check,
        errno: 'EINVAL',
        seen: `the segment at ${hex(physicalAddress)} ${seen}`,
      });
    };
    if (BigInt(bytes.length) > memorySize) {
      refuse('segment-bytes', `has ${hex(bytes.length)} bytes for ${hex(memorySize)} bytes of memory`);
    }
    if (physicalAddress < end) refuse('segment-overlap', `begins below ${hex(end)}, where another ends`);
    end = physicalAddress + memorySize;
    if (end > U64_LIMIT) refuse('range-order', `ends at ${hex(end)}`);
  }
}

/** The first offset from `end` on that agrees with the address up to {@link ALIGNMENT}. */
function nextOffset(end: number, address: bigint): number {
  const wanted = Number(address % BigInt(ALIGNMENT));
  return end + ((wanted - (end % ALIGNMENT) + ALIGNMENT) % ALIGNMENT);
}

function buildHeaders(entry: bigint, segments: readonly PlacedSegment[], size: number): Uint8Array {
  const headers = new Uint8Array(size);
  const view = new DataView(headers.buffer);
  headers.set([0x7f, 0x45, 0x4c, 0x46, ELFCLASS64, ELFDATA2LSB, EV_CURRENT]);
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_AARCH64, true);
  view.setUint32(20, EV_CURRENT, true);
  view.setBigUint64(24, entry, true);
  view.setBigUint64(32, BigInt(ELF_HEADER_SIZE), true); // e_phoff: directly after this header
  view.setUint16(52, ELF_HEADER_SIZE, true);
  view.setUint16(54, PROGRAM_HEADER_SIZE, true);
  view.setUint16(56, segments.length, true);

  segments.forEach(({ physicalAddress, bytes, memorySize, offset }, index) => {
    const at = ELF_HEADER_SIZE + index * PROGRAM_HEADER_SIZE;
    view.setUint32(at, PT_LOAD, true);
    view.setUint32(at + 4, PF_RWX, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, physicalAddress, true); // p_vaddr: the MMU is off
    view.setBigUint64(at + 24, physicalAddress, true);
    view.setBigUint64(at + 32, BigInt(bytes.length), true);
    view.setBigUint64(at + 40, memorySize, true);
    view.setBigUint64(at + 48, BigInt(ALIGNMENT), true);
  });
  return headers;
}
