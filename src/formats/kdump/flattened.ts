import { findFirstIndex } from '../../base/bisect.js';
import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { refuseFor } from '../../base/bytes.js';
import { hex, maximum, minimum } from '../../base/u64.js';
import {
  checkFlattenedHeader,
  FLATTENED_BLAME,
  FLATTENED_HEADER_SIZE,
  PIECE_HEADER_SIZE,
  parsePieceHeader,
} from './flattened-format.js';

/** The most pieces that may overlap one another. makedumpfile writes headers twice, everything else once. */
const MAX_OVERLAPPING_PIECES = 64;

/**
 * The most pieces of a dump. makedumpfile and QEMU write some 10 KiB at once, except for headers: a small dump may have
 * many pieces, and a large one may have one for each of this many bytes.
 */
const MAX_SMALL_PIECES = 1 << 16;
const MIN_MEAN_PIECE = 1024n;
const MAX_PIECES = 1 << 20;

const LIMIT: ReadLimit = { ...FLATTENED_BLAME, limit: FLATTENED_HEADER_SIZE };

/** A piece of the dump. Offsets are in bytes. */
interface Piece {
  /** Its half-open range in the dump. */
  readonly start: bigint;
  readonly end: bigint;
  /** Its offset in the flattened file. */
  readonly at: bigint;
}

/** A flattened dump. */
export interface Flattened {
  /** The dump with its pieces in order. */
  readonly source: ByteSource;
  /** Whether the end mark was found. Without it, the dump is cut short. */
  readonly isWhole: boolean;
}

/**
 * Reads the flattened form that makedumpfile -F writes to a pipe: pieces, each with its offset in the dump. Numbers are
 * big-endian. Bytes in no piece are zero; where pieces overlap, the later one wins. Nothing is copied.
 *
 * @throws KexecError `EINVAL`, check `kdump-flattened`, for another type or version, a negative offset or size, more
 *   than 64 pieces that overlap, or more pieces than a producer writes.
 */
export function readFlattened(source: ByteSource): Flattened {
  checkFlattenedHeader(readRange(source, 0n, 32n, 'its header', LIMIT));
  const most = Math.min(MAX_PIECES, Math.max(MAX_SMALL_PIECES, Number(source.size / MIN_MEAN_PIECE)));
  const pieces: Piece[] = [];
  let isWhole = false;
  let at = BigInt(FLATTENED_HEADER_SIZE);
  while (at + BigInt(PIECE_HEADER_SIZE) <= source.size) {
    const piece = parsePieceHeader(source.read(at, PIECE_HEADER_SIZE), at);
    if (piece === undefined) {
      isWhole = true;
      break;
    }
    const { start, size } = piece;
    at += BigInt(PIECE_HEADER_SIZE);
    const available = minimum(size, source.size - at);
    if (pieces.length === most) refuseFor(FLATTENED_BLAME, `it has more than ${most} pieces`, at);
    if (available > 0n) pieces.push({ start, end: start + available, at });
    at += size;
  }
  return { source: createOrderedSource(source, orderPieces(pieces)), isWhole };
}

/** Orders the pieces by their offsets in the dump, and cuts off what later pieces overwrite. */
function orderPieces(pieces: readonly Piece[]): Piece[] {
  const sorted = [...pieces].sort((a, b) =>
    a.start < b.start ? -1 : a.start > b.start ? 1 : compareTurns(a, b),
  );
  const ordered: Piece[] = [];
  for (let first = 0; first < sorted.length; ) {
    let end = 0n;
    let next = first;
    for (; next < sorted.length; next += 1) {
      const piece = sorted[next] as Piece;
      if (next > first && piece.start >= end) break;
      end = maximum(end, piece.end);
    }
    if (next - first > MAX_OVERLAPPING_PIECES) {
      refuseFor(FLATTENED_BLAME, `${next - first} pieces overlap around ${hex(sorted[first]?.start ?? 0n)}`);
    }
    ordered.push(...cutOverlaps(sorted.slice(first, next).sort(compareTurns)));
    first = next;
  }
  return ordered;
}

/** Compares by the order in which the pieces were written. */
function compareTurns(a: Piece, b: Piece): number {
  return a.at < b.at ? -1 : 1;
}

/** Removes from each piece what later pieces overwrite, and sorts the rest by offset. */
function cutOverlaps(pieces: readonly Piece[]): Piece[] {
  let visible: Piece[] = [];
  for (const top of pieces) {
    visible = visible.flatMap((below) => [
      ...(below.start < top.start ? [{ ...below, end: minimum(below.end, top.start) }] : []),
      ...(below.end > top.end ? [startAt(below, maximum(below.start, top.end))] : []),
    ]);
    visible.push(top);
  }
  return visible.sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** The end of a piece from an offset in the dump on. */
function startAt({ start, end, at }: Piece, newStart: bigint): Piece {
  return { start: newStart, end, at: at + (newStart - start) };
}

function createOrderedSource(source: ByteSource, pieces: readonly Piece[]): ByteSource {
  return {
    size: pieces.at(-1)?.end ?? 0n,
    read(offset, length) {
      const end = offset + BigInt(length);
      const first = findFirstIndex(pieces.length, (index) => (pieces[index] as Piece).end > offset);
      const only = pieces[first];
      if (only !== undefined && only.start <= offset && end <= only.end)
        return source.read(only.at + (offset - only.start), length);
      const bytes = new Uint8Array(length);
      for (let index = first; index < pieces.length; index += 1) {
        const piece = pieces[index] as Piece;
        if (piece.start >= end) break;
        const start = maximum(piece.start, offset);
        const count = Number(minimum(piece.end, end) - start);
        bytes.set(source.read(piece.at + (start - piece.start), count), Number(start - offset));
      }
      return bytes;
    },
  };
}
