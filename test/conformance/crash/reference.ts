import { nodeCodecs } from '../../../src/node/codecs/node-codecs.js';
import { openFileSource } from '../../../src/node/files/file-source.js';
import { openVmcore, type Vmcore } from '../../../src/vmcore/open/open-vmcore.js';
import { FILTER_LEVELS } from '../../../src/vmcore/save/filter.js';
import { keptRuns } from '../../support/compare-dumps.js';
import { type DebugLayout, readDebugLayout } from './debug-layout.js';
import { FILTERS, savedPath } from './saved-dumps.js';

const PAGE = 4096;
/** Bit of `mapping`: anonymous memory. */
const ANONYMOUS = 1;

/** Page frames of the dump: what each was used for, as the levels of a filter that leave it out. */
type Uses = ReadonlyMap<number, number>;

/**
 * Compares the dumps of `saveDumps()` with a selection of pages that is made from the kernel's `struct page` in another
 * way: by the layout in its debug information, from the head of each folio or free block onwards, so that it does not
 * read what tail pages say of their head. Pages of zeros are in the bitmap of a compressed dump.
 *
 * @returns the differences, in words
 */
export function compareWithStructPages(vmcore: string, layout: DebugLayout): string[] {
  const uses = findUses(vmcore, layout);
  return FILTERS.flatMap((filter) => {
    const saved = openFileSource(savedPath(vmcore, filter));
    const kept = new Set(keptRuns(saved).flatMap(framesOf));
    saved.close();
    const wrong = [...uses].filter(([frame, levels]) => kept.has(frame) === ((levels & filter) !== 0));
    const missing = [...kept].filter((frame) => !uses.has(frame));
    if (wrong.length + missing.length === 0) return [];
    const first = wrong[0]?.[0] ?? missing[0];
    return [`--filter ${filter}: ${wrong.length + missing.length} pages are others, the first ${first}`];
  });
}

/** Finds what each page frame of a vmcore was used for. */
export function listUses(vmcore: string, vmlinux: string): Uses {
  return findUses(vmcore, readDebugLayout(vmlinux));
}

function findUses(vmcore: string, layout: DebugLayout): Uses {
  const source = openFileSource(vmcore);
  try {
    return walkFrames(openVmcore(source, nodeCodecs), layout);
  } finally {
    source.close();
  }
}

function walkFrames(dump: Vmcore, layout: DebugLayout): Uses {
  const uses = new Map<number, number>();
  for (const { start, end } of dump.memory.ranges()) {
    const last = Number(end / BigInt(PAGE));
    for (let frame = Number(start / BigInt(PAGE)); frame < last; ) {
      const { levels, pages } = readUse(dump, layout, frame);
      for (const stop = Math.min(frame + pages, last); frame < stop; frame += 1) uses.set(frame, levels);
    }
  }
  return uses;
}

/** The use of a folio or a free block that begins with a page frame. */
function readUse(dump: Vmcore, layout: DebugLayout, frame: number): { levels: number; pages: number } {
  const view = readStruct(dump, layout, frame);
  const flags = view.getUint32(layout.flags, true);
  const has = (bit: number): boolean => (flags & (1 << bit)) !== 0;
  const type = view.getUint8(layout.type + 3);
  if (type === layout.buddy)
    return { levels: FILTER_LEVELS.free, pages: 2 ** view.getUint32(layout.blockOrder, true) };

  const tail = has(layout.head) ? readStruct(dump, layout, frame + 1) : undefined;
  const pages = 2 ** (tail?.getUint8(layout.folioOrder - layout.size) ?? 0);
  const isAnonymous = type !== layout.slab && (view.getUint32(layout.mapping, true) & ANONYMOUS) !== 0;
  const isUser = isAnonymous || type === layout.hugetlb;
  const isCache = !isAnonymous && (has(layout.lru) || (has(layout.swapCache) && has(layout.swapBacked)));
  const levels =
    (isUser ? FILTER_LEVELS.user : 0) |
    (isCache && !has(layout.hasPrivate) ? FILTER_LEVELS.cache : 0) |
    (isCache ? FILTER_LEVELS['cache-private'] : 0) |
    // Left out by every filter that needs struct page.
    (type === layout.offline ? FILTER_LEVELS.free : 0);
  return { levels, pages };
}

function readStruct({ vmcoreinfo, virtual }: Vmcore, { size }: DebugLayout, frame: number): DataView {
  const address = vmcoreinfo.needSymbol('vmemmap') + BigInt(frame) * BigInt(size);
  const bytes = virtual.read(BigInt.asUintN(64, address), size);
  return new DataView(bytes.buffer, bytes.byteOffset);
}

function framesOf({ start, end }: { readonly start: bigint; readonly end: bigint }): number[] {
  return Array.from({ length: Number(end - start) }, (_, index) => Number(start) + index);
}
