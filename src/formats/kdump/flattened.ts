import { findFirstIndex } from '../../base/bisect.js';
import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { BoundedBytes, decodeLatin1, refuseFor } from '../../base/bytes.js';
import { hex, maximum, minimum } from '../../base/u64.js';

/** The first bytes of a flattened dump, with zeros behind up to 16. */
export const FLATTENED_SIGNATURE = 'makedumpfile';

const HEADER_SIZE = 4096n;
const PIECE_HEADER_SIZE = 16n;
/** Place and size of the mark behind the last piece. */
const END = -1n;

/** Pieces that may overlap one another; headers are written twice, all else once. */
const OVERLAP_LIMIT = 64;

const LIMIT: ReadLimit = {
  what: 'flattened dump',
  check: 'kdump-flattened',
  errno: 'EINVAL',
  limit: 1 << 26,
};

/** A piece of the dump: its place there, and where it is in the flattened file. */
interface Piece {
  readonly start: bigint;
  readonly end: bigint;
  readonly at: bigint;
}

/** A dump out of its flattened form, as it would be put in order. */
export interface Flattened {
  readonly source: ByteSource;
  /** Whether the end mark was there: without it, something is missing. */
  readonly isWhole: boolean;
}

/**
 * Reads the flattened form that makedumpfile -F writes to a pipe: pieces, each with the place that it has in the dump.
 * Numbers are big-endian. What no piece has is zeros; where pieces overlap, the later counts. Nothing is copied.
 *
 * @throws KexecError `EINVAL`, check `kdump-flattened`, for another type or version, or a piece out of place.
 */
export function readFlattened(source: ByteSource): Flattened {
  const header = new BoundedBytes(readRange(source, 0n, 32n, 'its header', LIMIT), LIMIT);
  const signature = decodeLatin1(header.slice(0, FLATTENED_SIGNATURE.length, 'its signature'));
  if (signature !== FLATTENED_SIGNATURE) header.fail(`it begins with ${JSON.stringify(signature)}`, 0);
  if (header.u64be(16) !== 1n) header.fail(`its type is ${header.u64be(16)}`, 16);
  if (header.u64be(24) !== 1n) header.fail(`its version is ${header.u64be(24)}`, 24);

  const pieces: Piece[] = [];
  let isWhole = false;
  let at = HEADER_SIZE;
  while (at + PIECE_HEADER_SIZE <= source.size) {
    const piece = new BoundedBytes(source.read(at, Number(PIECE_HEADER_SIZE)), LIMIT);
    const start = BigInt.asIntN(64, piece.u64be(0));
    const size = BigInt.asIntN(64, piece.u64be(8));
    if (start === END && size === END) {
      isWhole = true;
      break;
    }
    if (start < 0n || size <= 0n) refuseFor(LIMIT, `a piece of ${size} bytes at ${start}`, at);
    at += PIECE_HEADER_SIZE;
    const there = minimum(size, source.size - at);
    if (there > 0n) pieces.push({ start, end: start + there, at });
    at += size;
  }
  return { source: arrange(source, inOrder(pieces)), isWhole };
}

/** The pieces without overlap, by their place. */
function inOrder(pieces: readonly Piece[]): Piece[] {
  const sorted = pieces
    .map((piece, turn) => ({ piece, turn }))
    .sort((a, b) =>
      a.piece.start < b.piece.start ? -1 : a.piece.start > b.piece.start ? 1 : a.turn - b.turn,
    );
  const ordered: Piece[] = [];
  for (let first = 0; first < sorted.length; ) {
    let end = 0n;
    let next = first;
    for (const { piece } of rest(sorted, first)) {
      if (next > first && piece.start >= end) break;
      end = maximum(end, piece.end);
      next += 1;
    }
    const group = sorted.slice(first, next).sort((a, b) => a.turn - b.turn);
    if (group.length > OVERLAP_LIMIT) {
      refuseFor(LIMIT, `${group.length} pieces overlap around ${hex(group[0]?.piece.start ?? 0n)}`);
    }
    ordered.push(...painted(group.map(({ piece }) => piece)));
    first = next;
  }
  return ordered;
}

/** The elements from an index on, without a copy. */
function* rest<Element>(elements: readonly Element[], first: number): Generator<Element> {
  for (let at = first; at < elements.length; at += 1) yield elements[at] as Element;
}

/** What is left of each piece below those that follow it, by place. */
function painted(pieces: readonly Piece[]): Piece[] {
  let visible: Piece[] = [];
  for (const top of pieces) {
    visible = visible.flatMap((below) => [
      ...(below.start < top.start ? [{ ...below, end: minimum(below.end, top.start) }] : []),
      ...(below.end > top.end ? [from(below, maximum(below.start, top.end))] : []),
    ]);
    visible.push(top);
  }
  return visible.sort((a, b) => (a.start < b.start ? -1 : 1));
}

function from({ start, end, at }: Piece, newStart: bigint): Piece {
  return { start: newStart, end, at: at + (newStart - start) };
}

function arrange(source: ByteSource, pieces: readonly Piece[]): ByteSource {
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
