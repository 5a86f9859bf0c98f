import type { Box, Scale, Scaling, Slice } from './map-bar.js';
import { GROUND_NAMES, type Look, type MemoryLine } from './map-lines.js';

/** An entry of the legend. */
export interface LegendEntry {
  readonly box: Box;
  readonly sample: Look | Exclude<Scaling, 'to scale'>;
  readonly text: string;
}

/** A ruler beside the legend, and the number of bytes that its height stands for. */
export interface ScaleRule {
  readonly box: Box;
  readonly bytes: bigint;
}

// In pixels.
const LEGEND_ROW = 22;
const LEGEND_COLUMN = 164;
/** The width of the ruler and its text. */
export const RULE_COLUMN = 122;
const MAX_RULE_HEIGHT = 64;

/** All entries that a legend can have, in its order. */
const LEGEND: readonly Pick<LegendEntry, 'sample' | 'text'>[] = [
  { sample: 'kernel', text: 'kernel' },
  { sample: 'initrd', text: 'initrd' },
  { sample: 'dtb', text: 'dtb' },
  { sample: 'boot-params', text: 'boot-params' },
  { sample: 'purgatory', text: 'purgatory' },
  { sample: 'elfcorehdr', text: 'elfcorehdr' },
  { sample: 'kho-scratch', text: 'kho-scratch' },
  { sample: 'dmcryptkeys', text: 'dmcryptkeys' },
  { sample: 'running-kernel', text: 'running kernel' },
  { sample: 'running-initrd', text: 'its initrd' },
  { sample: 'running-dtb', text: 'its dtb' },
  { sample: 'free', text: GROUND_NAMES.free },
  { sample: 'freed', text: 'freed for the next' },
  { sample: 'reserved', text: GROUND_NAMES.reserved },
  { sample: 'kept', text: 'kept for the dump' },
  { sample: 'unknown', text: 'unknown' },
  { sample: 'folded', text: 'several ranges' },
  { sample: 'crash-high', text: GROUND_NAMES['crash-high'] },
  { sample: 'crash-low', text: GROUND_NAMES['crash-low'] },
  { sample: 'crash-cma', text: GROUND_NAMES['crash-cma'] },
  { sample: 'driver-managed', text: GROUND_NAMES['driver-managed'] },
  { sample: 'gap', text: GROUND_NAMES.gap },
  { sample: 'shortened', text: 'shortened' },
  { sample: 'enlarged', text: 'enlarged' },
];

/**
 * Lays out the legend, with an entry for each look and scaling that the slices have.
 *
 * @param place - its left and upper edge, and its width
 */
export function layoutLegend(
  slices: readonly Slice[],
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): LegendEntry[] {
  const drawn = new Set<string>(slices.flatMap(({ line, scaling }) => [...listLooks(line), scaling]));
  const columns = Math.max(1, Math.floor(width / LEGEND_COLUMN));
  return LEGEND.filter(({ sample }) => drawn.has(sample)).map((entry, index) => ({
    ...entry,
    box: {
      x: x + (index % columns) * LEGEND_COLUMN,
      y: y + Math.floor(index / columns) * LEGEND_ROW,
      width: LEGEND_COLUMN,
      height: LEGEND_ROW,
    },
  }));
}

function listLooks({ now, next }: MemoryLine): Look[] {
  return next === undefined ? [now.look] : [now.look, next.look];
}

/** A ruler for the largest power of two bytes that is not too high. */
export function layoutRule(
  { pixelsPerByte }: Scale,
  { x, y }: { readonly x: number; readonly y: number },
): ScaleRule | undefined {
  if (!Number.isFinite(pixelsPerByte)) return undefined;
  const exponent = Math.max(0, Math.floor(Math.log2(MAX_RULE_HEIGHT / pixelsPerByte)));
  return {
    box: { x, y, width: RULE_COLUMN, height: 2 ** exponent * pixelsPerByte },
    bytes: 1n << BigInt(exponent),
  };
}
