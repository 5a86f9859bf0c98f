import { writeFlattenedHeader, writePieceHeader } from './flattened-format.js';

/**
 * Writes the flattened form of a file, from its start to its end: pieces of the file, in any order. Without its
 * {@link end}, what was written is incomplete.
 */
export class FlattenedWriter {
  readonly #emit: (bytes: Uint8Array) => void;
  /** The end of what was written, in the file. */
  #size = 0n;

  /** @param emit - appends bytes, which are the caller's again afterwards */
  constructor(emit: (bytes: Uint8Array) => void) {
    this.#emit = emit;
    emit(writeFlattenedHeader());
  }

  /** @param offset - in the file, in bytes @throws what `emit` throws. */
  write(offset: bigint, bytes: Uint8Array): void {
    // A piece has at least one byte.
    if (bytes.length === 0) return;
    const size = BigInt(bytes.length);
    this.#emit(writePieceHeader({ start: offset, size }));
    this.#emit(bytes);
    if (offset + size > this.#size) this.#size = offset + size;
  }

  /** Makes the file at least so large: its last byte becomes a zero, if nothing was written there. */
  truncate(size: bigint): void {
    if (size > this.#size) this.write(size - 1n, new Uint8Array(1));
  }

  /** Marks the file as complete. */
  end(): void {
    this.#emit(writePieceHeader());
  }
}
