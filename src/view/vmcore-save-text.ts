import type { LeftOut, Saved } from '../vmcore/save/dump-target.js';
import { formatFacts } from './facts-text.js';
import { formatSize } from './sizes.js';

/** What was saved, and into which file. */
export interface SavedFacts extends Saved {
  readonly path: string;
  readonly sha256: string;
  readonly problems: readonly string[];
}

/** What `vmcore save --json` prints. Sizes are bytes. */
export function savedFileJson(saved: SavedFacts): object {
  return { ...saved, size: Number(saved.size), resumedAt: Number(saved.resumedAt) };
}

/** What `vmcore save` prints. */
export function savedFileText({
  path,
  size,
  sha256,
  pages,
  leftOut,
  unknown,
  resumedAt,
  problems,
}: SavedFacts): string {
  return formatFacts({
    file: path,
    size: formatSize(size),
    sha256,
    pages: String(pages),
    leftOut: Object.entries(leftOut)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => `${count} ${NAMES[kind as keyof LeftOut]}`),
    ...(unknown > 0 ? { unknown: `${unknown}: their page structs cannot be read, and they were kept` } : {}),
    ...(resumedAt > 0n ? { wentOnFrom: formatSize(resumedAt) } : {}),
    problems,
  });
}

const NAMES: Readonly<Record<keyof LeftOut, string>> = {
  zero: 'of zeros',
  cache: 'of the page cache',
  'cache-private': 'of the page cache, with private data',
  user: 'of processes',
  free: 'free',
  poisoned: 'that the hardware reported to be broken',
  offline: 'that a driver gave back',
};
