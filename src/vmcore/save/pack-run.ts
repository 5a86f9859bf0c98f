/**
 * Packs a page.
 *
 * @param into - has room for twice the page from `at` on
 * @returns the length of the result; one that is not smaller than the page is not used, and may not be there
 */
export type Pack = (page: Uint8Array, into: Uint8Array, at: number) => number;

/** What packing a run of pages needs to know. */
export interface RunPlan {
  /** In bytes. */
  readonly pageSize: number;
  /** Whether pages of zeros share one place. */
  readonly sharesZeros: boolean;
  readonly pack: Pack;
}

/** Pages of a run, one after the other, without those that share the page of zeros. */
export interface PackedRun {
  /** Has room for {@link packedRoom}. */
  readonly bytes: Uint8Array;
  /** The size of each page, in bytes: that of a page if it is not packed, 0 if it shares the page of zeros. */
  readonly sizes: Uint32Array;
}

/** How many bytes {@link packRun} may need for a run of a number of bytes. */
export function packedRoom(length: number, pageSize: number): number {
  return length + 2 * pageSize;
}

/**
 * Packs a run of pages.
 *
 * @param run - whole pages, at an offset that is a multiple of 4
 * @returns the number of bytes of all packed pages
 */
export function packRun(
  run: Uint8Array,
  { pageSize, sharesZeros, pack }: RunPlan,
  packed: PackedRun,
): number {
  const { bytes, sizes } = packed;
  const words = new Uint32Array(run.buffer, run.byteOffset, run.length / 4);
  let at = 0;
  for (let from = 0, index = 0; from < run.length; from += pageSize, index += 1) {
    if (sharesZeros && areZeros(words, from / 4, (from + pageSize) / 4)) {
      sizes[index] = 0;
      continue;
    }
    const page = run.subarray(from, from + pageSize);
    let size = pack(page, bytes, at);
    if (size >= pageSize) {
      bytes.set(page, at);
      size = pageSize;
    }
    sizes[index] = size;
    at += size;
  }
  return at;
}

/** Whether words are all zero; their number is a multiple of 8. */
export function areZeros(words: Uint32Array, start: number, end: number): boolean {
  // Most pages begin with something else.
  for (let at = start; at < end; at += 8) {
    const any =
      (words[at] as number) |
      (words[at + 1] as number) |
      (words[at + 2] as number) |
      (words[at + 3] as number) |
      (words[at + 4] as number) |
      (words[at + 5] as number) |
      (words[at + 6] as number) |
      (words[at + 7] as number);
    if (any !== 0) return false;
  }
  return true;
}
