import { WINDOW_FRAMES, WindowBuffers, walkFrameWindows } from './frame-windows.js';
import type { FrameMarker } from './kept-frames.js';
import { findPresentParts, type SavedMemory } from './saved-memory.js';

/**
 * Marks the frames of a window for all PT_LOADs at once, and remembers the last window: a dump may have thousands of
 * PT_LOADs in one window, and the `struct page` of each frame is then read once.
 */
export class LastWindowMarker implements FrameMarker {
  readonly #saved: SavedMemory;
  readonly #marker: FrameMarker;
  /** All frames of the last window. */
  readonly #buffers = new WindowBuffers();
  #first: number | undefined;

  constructor(saved: SavedMemory, marker: FrameMarker) {
    this.#saved = saved;
    this.#marker = marker;
  }

  mark(first: number, kinds: Uint8Array): void {
    if (this.#first !== first) this.#load(first);
    kinds.set(this.#buffers.kinds.subarray(0, kinds.length));
  }

  #load(first: number): void {
    const { pageSize } = this.#saved;
    const window = { start: first * pageSize, end: (first + WINDOW_FRAMES) * pageSize };
    const parts = findPresentParts(this.#saved, window);
    // One window, whose frames are in the buffers then.
    walkFrameWindows(pageSize, parts, this.#marker, this.#buffers).next();
    this.#first = first;
  }
}
