import { describe, expect, it } from 'vitest';
import { loadNodePacker } from '../../../src/node/codecs/node-packer.js';
import { createSlots, FILLED, PackSlots, TAKEN } from '../../../src/node/vmcore/pack-slots.js';
import { countPackThreads, ThreadedPacker } from '../../../src/node/vmcore/threaded-packer.js';
import { PlainRunPacker, type RunPacker } from '../../../src/vmcore/save/run-packer.js';

const PAGE = 4096;
const MIB = 1 << 20;

describe('the threads that pack pages', () => {
  it.each([
    [1, { cpus: 1, available: 1024 * MIB }],
    [2, { cpus: 2, available: 1024 * MIB }],
    [8, { cpus: 64, available: 65536 * MIB }],
    // A capture kernel.
    [1, { cpus: 4, available: 300 * MIB }],
    [2, { cpus: 4, available: 400 * MIB }],
  ])('are %i, as CPUs and memory allow: %o', (threads, machine) => {
    expect(countPackThreads(1024 * MIB, undefined, machine)).toBe(threads);
  });

  it('are no more than wanted, and one for a small dump', () => {
    const machine = { cpus: 8, available: 65536 * MIB };
    expect(countPackThreads(1024 * MIB, 3, machine)).toBe(3);
    expect(countPackThreads(1024 * MIB, 0, machine)).toBe(1);
    expect(countPackThreads(63 * MIB, undefined, machine)).toBe(1);
  });
});

/** Packs runs, and returns what comes out. */
function packAll(packer: RunPacker, runs: readonly Uint8Array[]): { sizes: number[]; bytes: Buffer }[] {
  const results: { sizes: number[]; bytes: Buffer }[] = [];
  const take = (): boolean => {
    const run = packer.take();
    if (run === undefined) return false;
    const { packed, count, length } = run;
    results.push({
      sizes: [...packed.sizes.subarray(0, count)],
      bytes: Buffer.from(packed.bytes.subarray(0, length)),
    });
    return true;
  };
  for (const run of runs) {
    if (packer.isFull) take();
    packer.input.set(run);
    packer.push(run.length);
  }
  while (take());
  return results;
}

it('a thread that died while it packed a run is reported', () => {
  const slots = new PackSlots(createSlots(1, PAGE));
  slots.words[slots.stateAt(0)] = TAKEN;
  expect(() => slots.waitForChange(0, TAKEN, 10)).toThrow('does not answer');
  slots.waitForChange(0, FILLED, 10);
});

it('a packer whose other threads do not start packs all runs, in order', async () => {
  // The thread's module is built; it is not where the source is.
  const runs = Array.from({ length: 40 }, (_, run) =>
    Buffer.concat(
      Array.from({ length: 1 + ((run * 7) % 64) }, (__, page) =>
        page % 3 === 0 ? Buffer.alloc(PAGE) : Buffer.alloc(PAGE, `${run}.${page}`),
      ),
    ),
  );
  const plan = { pageSize: PAGE, sharesZeros: true, pack: await loadNodePacker('zlib', PAGE) };
  const packer = new ThreadedPacker(plan, 'zlib', 3);
  try {
    expect(packAll(packer, runs)).toEqual(packAll(new PlainRunPacker(plan), runs));
  } finally {
    await packer.close();
  }
});
