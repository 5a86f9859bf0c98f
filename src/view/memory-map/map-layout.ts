import { formatRange, type Range, size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import {
  BAR_WIDTH,
  type BarPart,
  type Box,
  chooseLook,
  chooseScale,
  type Look,
  layoutBar,
  type Scale,
  type Scaling,
} from './map-bar.js';
import { foldMemoryRows, GROUND_NAMES, type MemoryLine } from './map-lines.js';
import type { MemoryRow } from './map-rows.js';
import { spreadLabels } from './spread-labels.js';

/** The text beside a part of the bar, and the height in the picture at which its line meets the bar. */
export interface MapLabel {
  readonly box: Box;
  readonly anchor: number;
  readonly name: string;
  readonly size: string;
  readonly range: string;
  readonly note?: string;
}

/** A bracket beside the parts of a crash region that segments divide. */
export interface Bracket {
  readonly top: number;
  readonly bottom: number;
  readonly label: MapLabel;
}

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

/** The position of everything in the picture, in pixels. */
export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** From top to bottom: the highest address first. */
  readonly bar: readonly BarPart[];
  /** A label for each part, in the same order. */
  readonly labels: readonly MapLabel[];
  /** The columns of the labels: the right edge of sizes, the left edge of ranges. */
  readonly columns: { readonly sizeEnd: number; readonly rangeStart: number };
  readonly brackets: readonly Bracket[];
  readonly legend: readonly LegendEntry[];
  /** Absent if the picture is empty. */
  readonly rule?: ScaleRule;
}

/** The space around the picture, in pixels. */
export const MARGIN = 28;
const HEADER_HEIGHT = 78;
const FOOTER_HEIGHT = 30;
const MIN_WIDTH = 680;
const BRACKET_GAP = 30;
const LEADER_WIDTH = 44;
const COLUMN_GAP = 18;
const LABEL_HEIGHT = 22;
/** The middle of a label's first line, from the top of the label. */
export const FIRST_LINE = 11;
const NOTE_HEIGHT = 15;
const LEGEND_GAP = 26;
const LEGEND_ROW = 22;
const LEGEND_COLUMN = 164;
const RULE_COLUMN = 122;

/**
 * The width of a letter in names, figures and notes, in pixels: that of a wide font, because the reader's is unknown.
 */
const LETTER = { name: 9.2, figure: 8, note: 7.2 };

const MAX_RULE_HEIGHT = 64;

/** All entries that a legend can have, in its order. */
const LEGEND: readonly Pick<LegendEntry, 'sample' | 'text'>[] = [
  { sample: 'kernel', text: 'kernel' },
  { sample: 'initrd', text: 'initrd' },
  { sample: 'dtb', text: 'dtb' },
  { sample: 'purgatory', text: 'purgatory' },
  { sample: 'elfcorehdr', text: 'elfcorehdr' },
  { sample: 'free', text: GROUND_NAMES.free },
  { sample: 'reserved', text: GROUND_NAMES.reserved },
  { sample: 'folded', text: 'several ranges' },
  { sample: 'crash-high', text: GROUND_NAMES['crash-high'] },
  { sample: 'crash-low', text: GROUND_NAMES['crash-low'] },
  { sample: 'driver-managed', text: GROUND_NAMES['driver-managed'] },
  { sample: 'gap', text: GROUND_NAMES.gap },
  { sample: 'shortened', text: 'shortened' },
  { sample: 'enlarged', text: 'enlarged' },
];

/** A bar of more parts than this is hard to read. */
const MAX_PARTS = 32;

/**
 * Lays out the picture of a memory map: a bar of memory, the lowest address at the bottom, and a label for each part.
 * Labels that do not fit beside their part are moved, so that none overlap.
 */
export function layoutMemoryMap(rows: readonly MemoryRow[]): MapLayout {
  const lines = foldMemoryRows(rows, MAX_PARTS).toReversed();
  const scale = chooseScale(lines);
  // Positions of bar, labels and brackets are first relative to the upper left corner of the bar.
  const bar = layoutBar(lines, scale);
  const brackets = layoutBrackets(bar);
  const columns = layoutColumns(lines);
  const labels = layoutLabels(bar, columns.width);

  const bracketEnd = MARGIN + findLargest(brackets, ({ label }) => label.box.width);
  const barStart = brackets.length === 0 ? MARGIN : bracketEnd + BRACKET_GAP;
  const labelStart = barStart + BAR_WIDTH + LEADER_WIDTH;
  const width = Math.ceil(Math.max(MIN_WIDTH, labelStart + columns.width + MARGIN));
  const movable = [...bar, ...labels, ...brackets.map(({ label }) => label)];
  const down = HEADER_HEIGHT + findLargest(movable, ({ box }) => -box.y);
  const legendTop = down + findLargest(movable, ({ box }) => bottomOf(box)) + LEGEND_GAP;
  const rule = layoutRule(scale, legendTop);
  const legend = layoutLegend(bar, legendTop, width);
  const footer = [...legend, ...(rule === undefined ? [] : [rule])];
  const footerEnd = Math.max(
    legendTop,
    findLargest(footer, ({ box }) => bottomOf(box)),
  );

  return {
    width,
    height: Math.ceil(footerEnd + FOOTER_HEIGHT + MARGIN),
    bar: bar.map((part) => ({ ...part, box: moveBox(part.box, barStart, down) })),
    labels: labels.map((label) => moveLabel(label, labelStart, down)),
    columns: { sizeEnd: labelStart + columns.sizeEnd, rangeStart: labelStart + columns.rangeStart },
    brackets: brackets.map(({ top, bottom, label }) => ({
      top: top + down,
      bottom: bottom + down,
      label: moveLabel(label, bracketEnd - label.box.width, down),
    })),
    legend,
    ...(rule === undefined ? {} : { rule }),
  };
}

function layoutColumns(lines: readonly MemoryLine[]): { sizeEnd: number; rangeStart: number; width: number } {
  const names = findLargest(lines, ({ what }) => what.length * LETTER.name);
  const sizes = findLargest(lines, ({ range }) => formatSize(size(range)).length * LETTER.figure);
  const ranges = findLargest(lines, ({ range }) => formatRange(range).length * LETTER.figure);
  const notes = findLargest(lines, ({ note }) => (note ?? '').length * LETTER.note);
  const sizeEnd = names + COLUMN_GAP + sizes;
  const rangeStart = sizeEnd + COLUMN_GAP;
  return { sizeEnd, rangeStart, width: Math.max(rangeStart + ranges, notes) };
}

function layoutLabels(bar: readonly BarPart[], width: number): MapLabel[] {
  const labels = bar.map(({ line: { range, what, note }, box }) => ({
    anchor: box.y + box.height / 2,
    name: what,
    size: formatSize(size(range)),
    range: formatRange(range),
    ...(note === undefined ? {} : { note }),
    box: { x: 0, y: 0, width, height: LABEL_HEIGHT + (note === undefined ? 0 : NOTE_HEIGHT) },
  }));
  return separateLabels(labels);
}

/** A bracket for each crash region that segments divide, because none of its parts shows the region's size. */
function layoutBrackets(bar: readonly BarPart[]): Bracket[] {
  const brackets = (['crash-high', 'crash-low'] as const).flatMap((ground) => {
    const parts = bar.filter(({ line }) => line.ground === ground);
    const [upper, lower] = [parts[0], parts.at(-1)];
    if (upper === undefined || lower === undefined || upper === lower) return [];
    const range: Range = { start: lower.line.range.start, end: upper.line.range.end };
    const words = { name: GROUND_NAMES[ground], size: formatSize(size(range)), range: formatRange(range) };
    const width = Math.max(
      (words.name.length + words.size.length + 2) * LETTER.name,
      words.range.length * LETTER.note,
    );
    const [top, bottom] = [upper.box.y, bottomOf(lower.box)];
    const box = { x: 0, y: 0, width, height: LABEL_HEIGHT + NOTE_HEIGHT };
    return [{ top, bottom, label: { ...words, anchor: (top + bottom) / 2, box } }];
  });
  const sorted = brackets.sort((a, b) => a.top - b.top);
  const labels = separateLabels(sorted.map(({ label }) => label));
  return sorted.map((bracket, index) => ({ ...bracket, label: labels[index] ?? bracket.label }));
}

/** Moves labels so that none overlap, and the first line of each is as close to its anchor as possible. */
function separateLabels(labels: readonly MapLabel[]): MapLabel[] {
  const tops = spreadLabels(
    labels.map(({ anchor, box }) => ({ top: anchor - FIRST_LINE, height: box.height })),
  );
  return labels.map((label, index) => ({ ...label, box: moveBox(label.box, 0, tops[index] ?? 0) }));
}

function layoutLegend(bar: readonly BarPart[], top: number, width: number): LegendEntry[] {
  const drawn = new Set<string>(bar.flatMap(({ line, scaling }) => [chooseLook(line), scaling]));
  const columns = Math.floor((width - 2 * MARGIN - RULE_COLUMN) / LEGEND_COLUMN);
  return LEGEND.filter(({ sample }) => drawn.has(sample)).map((entry, index) => ({
    ...entry,
    box: {
      x: MARGIN + RULE_COLUMN + (index % columns) * LEGEND_COLUMN,
      y: top + Math.floor(index / columns) * LEGEND_ROW,
      width: LEGEND_COLUMN,
      height: LEGEND_ROW,
    },
  }));
}

/** A ruler for the largest power of two bytes that is not too high. */
function layoutRule({ pixelsPerByte }: Scale, y: number): ScaleRule | undefined {
  if (!Number.isFinite(pixelsPerByte)) return undefined;
  const exponent = Math.max(0, Math.floor(Math.log2(MAX_RULE_HEIGHT / pixelsPerByte)));
  const box = { x: MARGIN, y, width: RULE_COLUMN, height: 2 ** exponent * pixelsPerByte };
  return { box, bytes: 1n << BigInt(exponent) };
}

function bottomOf(box: Box): number {
  return box.y + box.height;
}

function moveBox(box: Box, right: number, down: number): Box {
  return { ...box, x: box.x + right, y: box.y + down };
}

function moveLabel(label: MapLabel, right: number, down: number): MapLabel {
  return { ...label, anchor: label.anchor + down, box: moveBox(label.box, right, down) };
}

/** The largest number that the items have, and at least 0. */
function findLargest<T>(items: readonly T[], read: (item: T) => number): number {
  return items.reduce((largest, item) => Math.max(largest, read(item)), 0);
}
