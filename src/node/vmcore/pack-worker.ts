/** A thread of a {@link ThreadedPacker}. */
import { workerData } from 'node:worker_threads';
import { loadNodePacker } from '../codecs/node-packer.js';
import { FILLED_COUNT, IS_OVER, PackSlots } from './pack-slots.js';
import type { PackJob } from './threaded-packer.js';

async function packSlots({ slots: shared, compression, sharesZeros }: PackJob): Promise<void> {
  const { pageSize } = shared;
  const plan = { pageSize, sharesZeros, pack: await loadNodePacker(compression, pageSize) };
  const slots = new PackSlots(shared);
  const { words } = slots;
  for (let next = 0; Atomics.load(words, IS_OVER) === 0; ) {
    const filled = Atomics.load(words, FILLED_COUNT);
    let tried = 0;
    while (tried < slots.count && !slots.tryPack((next + tried) % slots.count, plan)) tried += 1;
    if (tried < slots.count) next = (next + tried + 1) % slots.count;
    else Atomics.wait(words, FILLED_COUNT, filled);
  }
}

void packSlots(workerData as PackJob);
