/** Parts of a memory map, for a reader who looks closer. */
import { containsAddress, intersection, type Range, size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import { maskDown, maximum, minimum } from '../../base/u64.js';
import type { MapLayout } from './map-layout.js';
import type { MemoryRow } from './map-rows.js';

/** The smallest range that is worth a picture of its own, in bytes. */
const MIN_SHOWN = 0x1_0000n;

/** The ends of what is shown, in bytes: of a page. */
const UNIT = 0x1000n;

/** The range of a whole map; undefined if the map is empty. */
export function findWholeRange(rows: readonly MemoryRow[]): Range | undefined {
  const [first, last] = [rows[0], rows.at(-1)];
  return first && last && { start: first.range.start, end: last.range.end };
}

/** The rows within a range. Those at its ends are cut, and say of how much they are a part. */
export function clipMemoryRows(rows: readonly MemoryRow[], shown: Range): MemoryRow[] {
  return rows.flatMap((row) => {
    const range = intersection(row.range, shown);
    if (range === undefined) return [];
    if (size(range) === size(row.range)) return [row];
    const notes = [...(row.note === undefined ? [] : [row.note]), `a part of ${formatSize(size(row.range))}`];
    return [{ ...row, range, note: notes.join(', ') }];
  });
}

/**
 * Halves or doubles what is shown.
 *
 * @param at - the address that stays in its place
 * @param whole - which is never left
 */
export function zoomRange(
  shown: Range,
  { isCloser, at, whole }: { readonly isCloser: boolean; readonly at: bigint; readonly whole: Range },
): Range {
  const length = maximum(isCloser ? size(shown) / 2n : size(shown) * 2n, MIN_SHOWN);
  return fitRange(at - ((at - shown.start) * length) / size(shown), length, whole);
}

/** Moves what is shown by half of its size. */
export function moveRange(shown: Range, isUp: boolean, whole: Range): Range {
  const half = size(shown) / 2n;
  return fitRange(isUp ? shown.start + half : shown.start - half, size(shown), whole);
}

/** What to show of a part of the map: the part, and half of its size on both sides. */
export function surroundRange(part: Range, whole: Range): Range {
  const length = maximum(2n * size(part), MIN_SHOWN);
  return fitRange(part.start - (length - size(part)) / 2n, length, whole);
}

function fitRange(start: bigint, length: bigint, whole: Range): Range {
  if (length >= size(whole)) return whole;
  const first = minimum(maximum(start, whole.start), whole.end - length);
  const end = first + length + UNIT - 1n;
  return {
    start: maximum(maskDown(first, UNIT), whole.start),
    end: minimum(maskDown(end, UNIT), whole.end),
  };
}

/** What lies at a height of a picture, in its pixels: an address, and the range of its use in one of the bars. */
export function findAt(
  { bars, slices }: MapLayout,
  x: number,
  y: number,
): { readonly address: bigint; readonly part: Range | undefined } | undefined {
  const slice = slices.find(({ top, height }) => y >= top && y < top + height);
  if (slice === undefined) return undefined;
  const { start, end } = slice.line.range;
  const down = BigInt(Math.round(((y - slice.top) / slice.height) * 2 ** 20));
  const address = maximum(start, end - 1n - ((end - start) * down) / 2n ** 20n);
  const bar = bars.find(({ box }) => x >= box.x && x < box.x + box.width);
  return { address, part: bar?.parts.find(({ range }) => containsAddress(range, address))?.range };
}
