import { type LeftOut, NOWHERE, type SaveProgress } from '../../vmcore/save/dump-target.js';
import { FILTER_ALL } from '../../vmcore/save/filter.js';
import { streamVmcore } from '../../vmcore/save/save-dump.js';
import { loadNodePacker } from '../codecs/node-packer.js';
import { openLiveMemory } from './live-memory.js';
import { runSave } from './run-save.js';

/** What the running kernel uses its memory for. */
export interface LivePages {
  /** In bytes. */
  readonly pageSize: number;
  /** Numbers of pages that a dump can leave out, by kind. */
  readonly leftOut: LeftOut;
  /** The number of pages that every dump has. */
  readonly kept: number;
}

/**
 * Counts the pages of the running kernel by their use: those that a dump of it would have, without the crash region.
 * The kernel goes on meanwhile, so that the numbers are of no single moment.
 *
 * @param onProgress - called from time to time
 * @throws KexecError, as {@link openLiveMemory}; `vmcoreinfo` if the kernel does not say what the filter needs.
 */
export async function countLivePages(onProgress: (progress: SaveProgress) => void): Promise<LivePages> {
  const { vmcore, size, close } = openLiveMemory();
  try {
    const pageSize = vmcore.addressSpace?.pageSize ?? 4096;
    const pack = await loadNodePacker('none', pageSize);
    const options = { filter: FILTER_ALL, format: 'kdump', compression: 'none', pack } as const;
    const { pages, leftOut } = await runSave(streamVmcore(vmcore, size, options, NOWHERE), onProgress);
    return { pageSize, leftOut, kept: pages - leftOut.zero };
  } finally {
    close();
  }
}
