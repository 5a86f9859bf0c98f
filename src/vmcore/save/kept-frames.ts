import { refuse } from '../../base/error.js';
import { KIND_KEPT, KIND_LEFT_OUT, type PageKinds } from './page-kinds.js';

/** The most memory for bits of frames, in bytes: enough for 256 GiB of which no 128 MiB are of one kind. */
const MAX_BYTES = 1 << 23;

/** Marks the frames of a window that may be left out: {@link PageKinds.mark}. */
export type FrameMarker = Pick<PageKinds, 'mark'>;

/** What is remembered of a window: all frames are kept or none, or a bit for each, or only how many are kept. */
type Remembered = boolean | Uint8Array | { readonly kept: number };

/**
 * Remembers which page frames are kept, so that kinds are found out once for both passes of a save. Beyond a bound of
 * memory, they are found out again.
 */
export class KeptFrames {
  /** The marker of the first pass. */
  readonly first: FrameMarker;
  /** The marker of the second pass, which tells only whether a frame is kept. */
  readonly second: FrameMarker;
  readonly #kinds: PageKinds;
  readonly #maxBytes: number;
  /** By the first frame of a window. */
  readonly #windows = new Map<number, Remembered>();
  #bytes = 0;

  constructor(kinds: PageKinds, maxBytes = MAX_BYTES) {
    this.#kinds = kinds;
    this.#maxBytes = maxBytes;
    this.first = { mark: (first, kinds, isWanted) => this.#mark(first, kinds, isWanted) };
    this.second = { mark: (first, kinds, isWanted) => this.#markAgain(first, kinds, isWanted) };
  }

  #mark(first: number, kinds: Uint8Array, isWanted: Uint8Array): void {
    this.#kinds.mark(first, kinds, isWanted);
    this.#windows.set(first, this.#remember(kinds, isWanted));
  }

  #remember(kinds: Uint8Array, isWanted: Uint8Array): Remembered {
    const kept = countKept(kinds, isWanted);
    if (kept === 0) return false;
    if (kept === countSet(isWanted)) return true;
    const size = Math.ceil(kinds.length / 8);
    if (this.#bytes + size > this.#maxBytes) return { kept };
    this.#bytes += size;
    const bits = new Uint8Array(size);
    for (let index = 0; index < kinds.length; index += 1)
      if (kinds[index] === KIND_KEPT) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
    return bits;
  }

  #markAgain(first: number, kinds: Uint8Array, isWanted: Uint8Array): void {
    const remembered = this.#windows.get(first);
    if (remembered === undefined || remembered === true) return;
    if (remembered === false) kinds.fill(KIND_LEFT_OUT);
    else if (remembered instanceof Uint8Array) {
      for (let index = 0; index < kinds.length; index += 1)
        if (((remembered[index >> 3] ?? 0) & (1 << (index & 7))) === 0) kinds[index] = KIND_LEFT_OUT;
    } else {
      this.#kinds.mark(first, kinds, isWanted);
      if (countKept(kinds, isWanted) !== remembered.kept)
        refuse('dump-save', 'EINVAL', 'the memory of the dump changes while it is read', {
          cure: 'save it again; without a filter (--filter none), what pages were used for does not matter',
        });
    }
  }
}

function countSet(flags: Uint8Array): number {
  let count = 0;
  for (let index = 0; index < flags.length; index += 1) count += flags[index] as number;
  return count;
}

function countKept(kinds: Uint8Array, isWanted: Uint8Array): number {
  let kept = 0;
  for (let index = 0; index < kinds.length; index += 1)
    if (isWanted[index] === 1 && kinds[index] === KIND_KEPT) kept += 1;
  return kept;
}
