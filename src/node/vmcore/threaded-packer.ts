import { availableParallelism, freemem } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { Compression } from '../../formats/kdump/write.js';
import type { PackedRun, RunPlan } from '../../vmcore/save/pack-run.js';
import type { FinishedRun, RunPacker } from '../../vmcore/save/run-packer.js';
import { startThread } from '../threads/start-thread.js';
import {
  createSlots,
  DONE,
  FAILED,
  FILLED,
  FILLED_COUNT,
  IS_OVER,
  PackSlots,
  type SharedSlots,
} from './pack-slots.js';

/** What a thread is started with. */
export interface PackJob {
  readonly slots: SharedSlots;
  readonly compression: Compression;
  readonly sharesZeros: boolean;
}

/** Runs that are read or packed at a time, for each thread. */
const SLOTS_PER_THREAD = 3;

/** More threads than this wait for the thread that reads and writes. */
const MAX_THREADS = 8;
/** The memory of a thread, in bytes, and the part of the available memory that all of them may take. */
const THREAD_BYTES = 40 * 2 ** 20;
const MEMORY_PART = 8;
/** For fewer bytes, no thread is worth its start. */
const MIN_BYTES = 64 * 2 ** 20;

/**
 * Computes how many threads pack pages, this one included: no more than there are CPUs, as the available memory allows,
 * and one for a small dump.
 *
 * @param bytes - to be packed
 * @param wanted - at most so many
 */
export function countPackThreads(
  bytes: number,
  wanted = MAX_THREADS,
  { cpus, available } = { cpus: availableParallelism(), available: freemem() },
): number {
  if (bytes < MIN_BYTES) return 1;
  const affordable = 1 + Math.floor(available / MEMORY_PART / THREAD_BYTES);
  return Math.max(1, Math.min(wanted, MAX_THREADS, cpus, affordable));
}

/** Packs runs in several threads, of which this one is one: it packs while it would wait. */
export class ThreadedPacker implements RunPacker {
  readonly #plan: RunPlan;
  readonly #slots: PackSlots;
  readonly #workers: readonly Worker[];
  /** Runs that were pushed, and taken. */
  #pushed = 0;
  #taken = 0;

  /** @param threads - this one included */
  constructor(plan: RunPlan, compression: Compression, threads: number) {
    const slots = createSlots(threads * SLOTS_PER_THREAD, plan.pageSize);
    const job: PackJob = { slots, compression, sharesZeros: plan.sharesZeros };
    this.#plan = plan;
    this.#slots = new PackSlots(slots);
    this.#workers = Array.from({ length: threads - 1 }, () =>
      // Without a thread that does not start, the others have more to do.
      startThread(new URL('pack-worker.js', import.meta.url), job).on('error', () => {}),
    );
  }

  get isFull(): boolean {
    return this.#pushed - this.#taken === this.#slots.count;
  }

  get input(): Uint8Array {
    return this.#slots.runs[this.#pushed % this.#slots.count] as Uint8Array;
  }

  push(length: number): void {
    const { words, count } = this.#slots;
    const at = this.#slots.stateAt(this.#pushed % count);
    words[at + 1] = length;
    Atomics.store(words, at, FILLED);
    this.#pushed += 1;
    Atomics.add(words, FILLED_COUNT, 1);
    Atomics.notify(words, FILLED_COUNT);
  }

  /** @throws Error, if a page could not be packed, or a thread is dead. */
  take(): FinishedRun | undefined {
    if (this.#taken === this.#pushed) return undefined;
    const { words, count, packed } = this.#slots;
    const slot = this.#taken % count;
    const at = this.#slots.stateAt(slot);
    for (;;) {
      const state = Atomics.load(words, at);
      if (state === DONE) break;
      if (state === FAILED) throw new Error('a thread could not pack pages');
      if (!this.#packAny()) this.#slots.waitForChange(slot, state);
    }
    this.#taken += 1;
    return {
      packed: packed[slot] as PackedRun,
      count: (words[at + 1] as number) / this.#plan.pageSize,
      length: words[at + 2] as number,
    };
  }

  /** Packs a run that no thread has taken, the oldest first. @returns whether there was one */
  #packAny(): boolean {
    for (let run = this.#taken; run < this.#pushed; run += 1)
      if (this.#slots.tryPack(run % this.#slots.count, this.#plan)) return true;
    return false;
  }

  /** Ends the other threads. */
  async close(): Promise<void> {
    const { words } = this.#slots;
    Atomics.store(words, IS_OVER, 1);
    Atomics.add(words, FILLED_COUNT, 1);
    Atomics.notify(words, FILLED_COUNT);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
