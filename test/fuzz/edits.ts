/**
 * Large files as a fuzzer's small input: a list of changes to a file that is well-formed. A fuzzer gets nowhere with a dump of
 * some 100 KiB as it is, because nearly all of its bytes are pages that nothing interprets.
 */

/** The length of the position in a change, in bytes. */
const POSITION_BYTES = 3;

/** The most changes to a file. */
const MAX_CHANGES = 64;

/**
 * Changes a file. Each change is a position of 3 bytes, little-endian and modulo the file's length, a number of bytes below 16, and
 * those bytes. If 3 bytes are left at the end, they are the length to which the file is cut.
 *
 * @returns a copy
 */
export function applyEdits(file: Uint8Array, edits: Uint8Array): Uint8Array {
  const changed = new Uint8Array(file);
  const view = new DataView(edits.buffer, edits.byteOffset, edits.byteLength);
  let at = 0;
  for (let count = 0; count < MAX_CHANGES && at + POSITION_BYTES < edits.length; count += 1) {
    const position = readPosition(view, at) % file.length;
    const length = view.getUint8(at + POSITION_BYTES) & 15;
    const start = at + POSITION_BYTES + 1;
    changed.set(edits.subarray(start, start + length).subarray(0, file.length - position), position);
    at = start + length;
  }
  if (at + POSITION_BYTES !== edits.length) return changed;
  return changed.subarray(0, readPosition(view, at) % (file.length + 1));
}

/** The change that puts bytes at a position: a seed for {@link applyEdits}. */
export function encodeEdit(position: number, ...bytes: readonly number[]): Uint8Array {
  return Uint8Array.of(
    ...[position & 0xff, (position >> 8) & 0xff, (position >> 16) & 0xff],
    ...[bytes.length, ...bytes],
  );
}

function readPosition(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}
