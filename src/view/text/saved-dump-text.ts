import { formatSize } from '../../base/sizes.js';
import type { LeftOut } from '../../vmcore/save/dump-target.js';
import type { SavedDumpFacts } from '../json/vmcore-json.js';
import { formatFacts } from './facts-text.js';
import type { ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

const PAGE_KINDS: Readonly<Record<keyof LeftOut, string>> = {
  zero: 'of zeros',
  cache: 'of the page cache',
  'cache-private': 'of the page cache, with private data',
  user: 'of processes',
  free: 'free',
  poisoned: 'that the hardware reported as broken',
  offline: 'offline, or not accepted by the guest',
};

/** What `vmcore save` prints. */
export const formatSavedDump: View<[saved: SavedDumpFacts, options?: ViewOptions]> = makeView(
  (saved, options) => {
    const { path, size, sha256, pages, leftOut, unknown, resumedAt, problems } = saved;
    return formatFacts(
      {
        file: path,
        size: formatSize(size),
        ...(sha256 === undefined ? {} : { sha256 }),
        pages: String(pages),
        leftOut: Object.entries(leftOut)
          .filter(([, count]) => count > 0)
          .map(([kind, count]) => `${count} ${PAGE_KINDS[kind as keyof LeftOut]}`),
        ...(unknown > 0
          ? { unknown: `${unknown}: their page structs cannot be read, so they were kept` }
          : {}),
        ...(resumedAt > 0n ? { resumedAt: formatSize(resumedAt) } : {}),
        problems,
      },
      options,
    );
  },
);
