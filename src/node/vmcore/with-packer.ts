import type { Vmcore } from '../../vmcore/open/open-vmcore.js';
import { PlainRunPacker } from '../../vmcore/save/run-packer.js';
import type { SaveOptions } from '../../vmcore/save/save-dump.js';
import { loadNodePacker } from '../codecs/node-packer.js';
import { countPackThreads, ThreadedPacker } from './threaded-packer.js';

/** How pages are packed. */
export type Packing = Pick<SaveOptions, 'pack' | 'createPacker'>;

/**
 * Loads what packs the pages of a dump, for as long as a save runs: by several threads, if that is worth it.
 *
 * @param threads - at most so many, this one included
 * @returns what the save returns
 * @throws as the save does; Error, if the codec of zstd cannot be loaded.
 */
export async function withPacker<Result>(
  vmcore: Vmcore,
  { compression, threads }: Pick<SaveOptions, 'compression'> & { readonly threads?: number | undefined },
  save: (packing: Packing) => Promise<Result>,
): Promise<Result> {
  const pack = await loadNodePacker(compression, vmcore.addressSpace?.pageSize ?? 4096);
  let threaded: ThreadedPacker | undefined;
  try {
    return await save({
      pack,
      createPacker: (plan, total) => {
        const count = compression === 'none' ? 1 : countPackThreads(total * plan.pageSize, threads);
        if (count === 1) return new PlainRunPacker(plan);
        threaded = new ThreadedPacker(plan, compression, count);
        return threaded;
      },
    });
  } finally {
    await threaded?.close();
  }
}
