import { align4 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { FDT_NOP } from './tree.js';

/** libfdt holds sizes and offsets in C ints. */
const MAX_TOTAL_BYTES = 0x7fff_ffff;

/** The buffer of the next structure block. It is reused: allocating one for each block takes longer than writing it. */
let scratch = new Uint8Array(1 << 17);
/** A larger buffer is not kept for reuse. */
const MAX_SCRATCH_BYTES = 1 << 22;

/** Values of at most this many bytes are copied faster by a loop. */
const MAX_LOOP_BYTES = 32;

/** Writes a structure block: words, and bytes that are padded to words. */
export class StructureWriter {
  #bytes = scratch;
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  writeWord(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  writeNops(count = 0): void {
    for (let written = 0; written < count; written += 1) this.writeWord(FDT_NOP);
  }

  /** Writes bytes and zeros up to the next word. */
  writePadded(bytes: Uint8Array): void {
    this.#reserve(bytes.length + 3);
    const start = this.#length;
    if (bytes.length > MAX_LOOP_BYTES) this.#bytes.set(bytes, start);
    else for (let at = 0; at < bytes.length; at += 1) this.#bytes[start + at] = bytes[at] as number;
    this.#length = align4(start + bytes.length);
    for (let at = start + bytes.length; at < this.#length; at += 1) this.#bytes[at] = 0;
  }

  /** The block so far. Valid until the next structure block is written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    checkTotalSize(needed);
    const larger = new Uint8Array(2 * needed);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
    if (larger.length <= MAX_SCRATCH_BYTES) scratch = larger;
  }
}

/** @throws KexecError `EINVAL`, check `dtb-header`, if a device tree would have 2 GiB or more. */
export function checkTotalSize(size: number): void {
  if (size >= MAX_TOTAL_BYTES)
    refuse('dtb-header', 'EINVAL', `the device tree would take ${formatBytes(size)}`);
}
