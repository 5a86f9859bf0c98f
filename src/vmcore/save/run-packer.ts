import { type PackedRun, packedRoom, packRun, type RunPlan } from './pack-run.js';
import { MAX_READ_BYTES } from './saved-memory.js';

/** A run that was packed. */
export interface FinishedRun {
  readonly packed: PackedRun;
  /** The number of its pages. */
  readonly count: number;
  /** The length of its packed bytes. */
  readonly length: number;
}

/** Packs runs of pages, perhaps several at once, and returns them in order. */
export interface RunPacker {
  /** Whether {@link take} must be called before the next run. */
  readonly isFull: boolean;
  /** The memory for the next run: that of {@link countRunBytes}. */
  readonly input: Uint8Array;
  /** Begins to pack the first bytes of {@link input}, which are whole pages. */
  push(length: number): void;
  /**
   * Waits for the oldest run.
   *
   * @returns undefined if there is none; it is valid until the next {@link push}
   */
  take(): FinishedRun | undefined;
}

/**
 * Creates a packer.
 *
 * @param total - the number of pages that will be packed
 */
export type CreateRunPacker = (plan: RunPlan, total: number) => RunPacker;

/** The largest run, in bytes. */
export function countRunBytes(pageSize: number): number {
  return Math.max(MAX_READ_BYTES, pageSize);
}

/** Packs each run at once. */
export class PlainRunPacker implements RunPacker {
  readonly input: Uint8Array;
  readonly #plan: RunPlan;
  readonly #packed: PackedRun;
  #finished: FinishedRun | undefined;

  constructor(plan: RunPlan) {
    const { pageSize } = plan;
    const length = countRunBytes(pageSize);
    this.#plan = plan;
    this.input = new Uint8Array(length);
    this.#packed = {
      bytes: new Uint8Array(packedRoom(length, pageSize)),
      sizes: new Uint32Array(length / pageSize),
    };
  }

  get isFull(): boolean {
    return this.#finished !== undefined;
  }

  push(length: number): void {
    const packedLength = packRun(this.input.subarray(0, length), this.#plan, this.#packed);
    this.#finished = { packed: this.#packed, count: length / this.#plan.pageSize, length: packedLength };
  }

  take(): FinishedRun | undefined {
    const finished = this.#finished;
    this.#finished = undefined;
    return finished;
  }
}
