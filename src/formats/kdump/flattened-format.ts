import { BoundedBytes, type BoundsBlame, decodeLatin1, encodeLatin1, refuseFor } from '../../base/bytes.js';

/** The first bytes of a flattened dump, padded with zeros to 16. */
export const FLATTENED_SIGNATURE = 'makedumpfile';

/** Sizes in bytes: of the header, of which few bytes are used, and of the header of a piece. */
export const FLATTENED_HEADER_SIZE = 4096;
export const PIECE_HEADER_SIZE = 16;

/** How a flattened dump names itself in errors. */
export const FLATTENED_BLAME: BoundsBlame = {
  what: 'flattened dump',
  check: 'kdump-flattened',
  errno: 'EINVAL',
};

/** The header's type and version, big-endian: `struct makedumpfile_header`. */
const TYPE = 1n;
const VERSION = 1n;
/** Offset and size of the mark that follows the last piece. */
const END_MARK = -1n;

/** Where a piece belongs, and how long it is: `struct makedumpfile_data_header`. In bytes. */
export interface PieceHeader {
  readonly start: bigint;
  readonly size: bigint;
}

/** @param start - at least 32 bytes @throws KexecError `EINVAL`, check `kdump-flattened`, for any other header. */
export function checkFlattenedHeader(start: Uint8Array): void {
  const header = new BoundedBytes(start, FLATTENED_BLAME);
  const signature = decodeLatin1(header.slice(0, FLATTENED_SIGNATURE.length, 'its signature'));
  if (signature !== FLATTENED_SIGNATURE) header.fail(`it begins with ${JSON.stringify(signature)}`, 0);
  if (header.u64be(16) !== TYPE) header.fail(`its type is ${header.u64be(16)}`, 16);
  if (header.u64be(24) !== VERSION) header.fail(`its version is ${header.u64be(24)}`, 24);
}

/** Encodes what {@link checkFlattenedHeader} reads. */
export function writeFlattenedHeader(): Uint8Array {
  const header = new Uint8Array(FLATTENED_HEADER_SIZE);
  header.set(encodeLatin1(FLATTENED_SIGNATURE));
  const view = new DataView(header.buffer);
  view.setBigUint64(16, TYPE);
  view.setBigUint64(24, VERSION);
  return header;
}

/**
 * Parses the header of a piece.
 *
 * @param bytes - of which there are {@link PIECE_HEADER_SIZE}
 * @param at - their offset in the file, for the refusal
 * @returns undefined for the mark that follows the last piece
 * @throws KexecError `EINVAL`, check `kdump-flattened`, for a negative offset or size, or a size of 0.
 */
export function parsePieceHeader(bytes: Uint8Array, at: bigint): PieceHeader | undefined {
  const piece = new BoundedBytes(bytes, FLATTENED_BLAME);
  const start = BigInt.asIntN(64, piece.u64be(0));
  const size = BigInt.asIntN(64, piece.u64be(8));
  if (start === END_MARK && size === END_MARK) return undefined;
  if (start < 0n || size <= 0n) refuseFor(FLATTENED_BLAME, `a piece of ${size} bytes at ${start}`, at);
  return { start, size };
}

/** Encodes the header of a piece; without one, the mark that follows the last piece. */
export function writePieceHeader(
  { start, size }: PieceHeader = { start: END_MARK, size: END_MARK },
): Uint8Array {
  const header = new Uint8Array(PIECE_HEADER_SIZE);
  const view = new DataView(header.buffer);
  view.setBigInt64(0, start);
  view.setBigInt64(8, size);
  return header;
}
