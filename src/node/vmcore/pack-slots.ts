/** Runs of pages in memory that threads share: this thread fills slots, any thread packs them. */
import { type PackedRun, packedRoom, packRun, type RunPlan } from '../../vmcore/save/pack-run.js';
import { countRunBytes } from '../../vmcore/save/run-packer.js';

/** The states of a slot, in turn, until it is filled again. A new one has none of them. */
export const FILLED = 1;
export const TAKEN = 2;
export const DONE = 3;
export const FAILED = 4;

/** Elements of {@link PackSlots.words} before those of slots: a count of filled slots, and whether all is over. */
export const FILLED_COUNT = 0;
export const IS_OVER = 1;
const FIRST_SLOT = 2;
/** The words of a slot: its state, the length of its run, and that of the packed bytes. */
const SLOT_WORDS = 3;

/** How long packing one run may take. It takes some milliseconds, and some hundred under emulation. */
const MAX_WAIT_MILLISECONDS = 60_000;

/** What is sent to a thread. */
export interface SharedSlots {
  readonly count: number;
  readonly pageSize: number;
  readonly words: SharedArrayBuffer;
  readonly runs: SharedArrayBuffer;
  readonly packed: SharedArrayBuffer;
  readonly sizes: SharedArrayBuffer;
}

/** Creates the shared memory of a number of slots. */
export function createSlots(count: number, pageSize: number): SharedSlots {
  const length = countRunBytes(pageSize);
  const share = (size: number): SharedArrayBuffer => new SharedArrayBuffer(count * size);
  return {
    count,
    pageSize,
    words: new SharedArrayBuffer((FIRST_SLOT + count * SLOT_WORDS) * 4),
    runs: share(length),
    packed: share(packedRoom(length, pageSize)),
    sizes: share((length / pageSize) * 4),
  };
}

/** The slots, as each thread sees them. */
export class PackSlots {
  readonly count: number;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly runs: readonly Uint8Array[];
  readonly packed: readonly PackedRun[];

  constructor({ count, pageSize, words, runs, packed, sizes }: SharedSlots) {
    const length = countRunBytes(pageSize);
    const room = packedRoom(length, pageSize);
    const pages = length / pageSize;
    const numbers = Array.from({ length: count }, (_, slot) => slot);
    this.count = count;
    this.words = new Int32Array(words);
    this.runs = numbers.map((slot) => new Uint8Array(runs, slot * length, length));
    this.packed = numbers.map((slot) => ({
      bytes: new Uint8Array(packed, slot * room, room),
      sizes: new Uint32Array(sizes, slot * pages * 4, pages),
    }));
  }

  /** The element with the state of a slot; the lengths follow it. */
  stateAt(slot: number): number {
    return FIRST_SLOT + slot * SLOT_WORDS;
  }

  /**
   * Waits until the state of a slot changes.
   *
   * @throws Error, if it does not: the thread that took the slot is dead, for lack of memory.
   */
  waitForChange(slot: number, state: number, milliseconds = MAX_WAIT_MILLISECONDS): void {
    if (Atomics.wait(this.words, this.stateAt(slot), state, milliseconds) === 'timed-out')
      throw new Error('a thread that packs pages does not answer');
  }

  /** Packs a slot, if it is filled and no other thread has taken it. @returns whether it did */
  tryPack(slot: number, plan: RunPlan): boolean {
    const at = this.stateAt(slot);
    if (Atomics.compareExchange(this.words, at, FILLED, TAKEN) !== FILLED) return false;
    let state = FAILED;
    try {
      const run = (this.runs[slot] as Uint8Array).subarray(0, this.words[at + 1]);
      this.words[at + 2] = packRun(run, plan, this.packed[slot] as PackedRun);
      state = DONE;
    } finally {
      Atomics.store(this.words, at, state);
      Atomics.notify(this.words, at);
    }
    return true;
  }
}
