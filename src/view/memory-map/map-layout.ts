import { formatRange, size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import {
  type BarPart,
  type Box,
  chooseScale,
  layoutBar,
  layoutSlices,
  type Scale,
  type Slice,
} from './map-bar.js';
import { type LegendEntry, layoutLegend, layoutRule, RULE_COLUMN, type ScaleRule } from './map-legend.js';
import { foldMemoryRows, type MapUse, type MemoryLine } from './map-lines.js';
import type { MemoryRow } from './map-rows.js';
import { spreadLabels } from './spread-labels.js';

/** The text beside a part of a bar, and the height in the picture at which its line meets the bar. */
export interface MapLabel {
  readonly box: Box;
  readonly anchor: number;
  readonly name: string;
  readonly size: string;
  /** Left out where the label on the other side has the same. */
  readonly range?: string;
  readonly note?: string;
}

/** A bar of memory with its labels. */
export interface MapBar {
  /** Absent if there is only one bar. */
  readonly title?: string;
  readonly box: Box;
  /** From top to bottom: the highest address first. */
  readonly parts: readonly BarPart[];
  /** A label for each part, in the same order; none beside the first bar of a narrow picture. */
  readonly labels: readonly MapLabel[];
  readonly side: 'left' | 'right';
  /** The columns of the labels: the right edge of sizes, the left edge of ranges. */
  readonly columns: { readonly sizeEnd: number; readonly rangeStart: number };
}

/** The position of everything in the picture, in pixels. */
export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** One bar if nothing is loaded; otherwise memory now and, to the right, when the next kernel starts. */
  readonly bars: readonly MapBar[];
  /** The heights that the bars share; tops are in the picture. */
  readonly slices: readonly Slice[];
  readonly legend: readonly LegendEntry[];
  /** Absent if the picture is empty. */
  readonly rule?: ScaleRule;
}

/** What depends on the width of the picture, in pixels. */
export interface MapFormat {
  /** The space around the picture. */
  readonly margin: number;
  readonly headerHeight: number;
  readonly footerHeight: number;
  readonly minWidth: number;
  /** The width of a bar that stands alone, and of one of two. */
  readonly barWidth: { readonly alone: number; readonly pair: number };
  /** The space between a bar and its labels. */
  readonly leaderWidth: number;
  /** Whether there is a title above, both bars have labels, and ranges stand in a line with names and sizes. */
  readonly isWide: boolean;
}

/** For screens and paper. */
export const WIDE: MapFormat = {
  margin: 28,
  headerHeight: 78,
  footerHeight: 30,
  minWidth: 680,
  barWidth: { alone: 150, pair: 112 },
  leaderWidth: 44,
  isWide: true,
};

/** For a telephone: it has no title, the bar of memory now has no labels, and ranges stand below names. */
export const NARROW: MapFormat = {
  margin: 4,
  headerHeight: 8,
  footerHeight: 0,
  minWidth: 340,
  barWidth: { alone: 96, pair: 56 },
  leaderWidth: 34,
  isWide: false,
};

const BAR_TITLE_HEIGHT = 26;
/** The space between two bars, where marks stand. */
export const BAR_GAP = 26;
const COLUMN_GAP = 18;
const LABEL_HEIGHT = 22;
/** The middle of a label's first line, from the top of the label. */
export const FIRST_LINE = 11;
const NOTE_HEIGHT = 15;
const LEGEND_GAP = 26;

/**
 * The width of a letter in names, figures and notes, in pixels: that of a wide font, because the reader's is unknown.
 */
const LETTER = { name: 9.2, figure: 8, note: 7.2 };

/** A bar of more parts than this is hard to read. */
const MAX_PARTS = 32;

/**
 * Lays out the picture of a memory map: bars of memory, the lowest address at the bottom, and a label for each part.
 * Labels that do not fit beside their part are moved, so that none overlap.
 */
export function layoutMemoryMap(rows: readonly MemoryRow[], format: MapFormat = WIDE): MapLayout {
  const lines = foldMemoryRows(rows, MAX_PARTS).toReversed();
  const scale = chooseScale(lines);
  const slices = layoutSlices(lines, scale);
  const { margin } = format;
  // Positions are first relative to the upper edge of the bars.
  const bars = layoutBars(slices, format);

  const boxes = bars.flatMap(({ parts, labels }) => [...parts, ...labels].map(({ box }) => box));
  const width = Math.ceil(Math.max(format.minWidth, margin + findLargest(boxes, rightOf)));
  const header = format.headerHeight + (bars.length > 1 ? BAR_TITLE_HEIGHT : 0);
  const down = header + findLargest(boxes, ({ y }) => -y);
  const legendTop = down + findLargest(boxes, bottomOf) + LEGEND_GAP;
  const { legend, rule } = layoutFooter(slices, scale, { format, width, y: legendTop });
  const footer = [...legend, ...(rule === undefined ? [] : [rule])].map(({ box }) => box);
  return {
    width,
    height: Math.ceil(Math.max(legendTop, findLargest(footer, bottomOf)) + format.footerHeight + margin),
    bars: bars.map((bar) => moveDown(bar, down)),
    slices: slices.map((slice) => ({ ...slice, top: slice.top + down })),
    legend,
    ...(rule === undefined ? {} : { rule }),
  };
}

/** The legend, and the ruler to its left, or below it in a narrow picture. */
function layoutFooter(
  slices: readonly Slice[],
  scale: Scale,
  { format: { margin, isWide }, width, y }: { format: MapFormat; width: number; y: number },
): Pick<MapLayout, 'legend' | 'rule'> {
  const x = margin + (isWide ? RULE_COLUMN : 0);
  const legend = layoutLegend(slices, { x, y, width: width - margin - x });
  const below = Math.max(
    y,
    findLargest(legend, ({ box }) => bottomOf(box)),
  );
  const rule = layoutRule(scale, { x: margin, y: isWide ? y : below });
  return { legend, ...(rule === undefined ? {} : { rule }) };
}

function layoutBars(slices: readonly Slice[], format: MapFormat): MapBar[] {
  const { barWidth, margin } = format;
  if (slices.every(({ line }) => line.next === undefined)) {
    const parts = layoutBar(slices, ({ now }) => now, { width: barWidth.alone, ownsNotes: () => true });
    return [placeRight(parts, margin, format)];
  }
  const [width, ownsNotes] = [barWidth.pair, ({ segment }: MemoryLine) => segment !== undefined];
  const now = layoutBar(slices, (line) => line.now, { width, ownsNotes: (line) => !ownsNotes(line) });
  const next = layoutBar(slices, (line) => line.next as MapUse, { width, ownsNotes });
  const left = format.isWide ? placeLeft(now, next, format) : placeUnlabelled(now, margin);
  const right = placeRight(next, rightOf(left.box) + BAR_GAP, format);
  return [
    { ...left, title: 'now' },
    { ...right, title: format.isWide ? 'next kernel' : 'next' },
  ];
}

/** A bar whose labels stand to its right. @param x - its left edge */
function placeRight(
  parts: readonly BarPart[],
  x: number,
  { leaderWidth, isWide }: Pick<MapFormat, 'leaderWidth' | 'isWide'>,
): MapBar {
  const labels = parts.map((part) => buildLabel(part, true));
  const columns = measureLabels(labels, isWide);
  const labelStart = x + (parts[0]?.box.width ?? 0) + leaderWidth;
  return {
    ...placeParts(parts, x),
    side: 'right',
    labels: separateLabels(
      labels.map((label) => {
        const lines = countLines(label.note, isWide ? undefined : label.range);
        return placeLabel(label, { x: labelStart, width: columns.width }, lines);
      }),
    ),
    columns: { sizeEnd: labelStart + columns.sizeEnd, rangeStart: labelStart + columns.rangeStart },
  };
}

/** A bar whose labels stand to its left. @param others - the other bar's parts, whose labels have their ranges */
function placeLeft(
  parts: readonly BarPart[],
  others: readonly BarPart[],
  { margin, leaderWidth }: Pick<MapFormat, 'margin' | 'leaderWidth'>,
): MapBar {
  const shown = new Set(others.map(({ range }) => formatRange(range)));
  const labels = parts.map((part) => buildLabel(part, !shown.has(formatRange(part.range))));
  const names = findLargest(labels, ({ name, size: bytes }) => measureName(name) + measureFigure(bytes));
  const width = Math.max(names + COLUMN_GAP, findLargest(labels, measureNotes));
  return {
    ...placeParts(parts, margin + width + leaderWidth),
    side: 'left',
    labels: separateLabels(
      labels.map((label) => placeLabel(label, { x: margin, width }, countLines(label.range, label.note))),
    ),
    columns: { sizeEnd: margin + width, rangeStart: margin + width },
  };
}

function placeUnlabelled(parts: readonly BarPart[], x: number): MapBar {
  return { ...placeParts(parts, x), side: 'left', labels: [], columns: { sizeEnd: x, rangeStart: x } };
}

function placeParts(parts: readonly BarPart[], x: number): Pick<MapBar, 'box' | 'parts'> {
  const placed = parts.map((part) => ({ ...part, box: { ...part.box, x } }));
  const [first, last] = [placed[0]?.box, placed.at(-1)?.box];
  const box = { x, y: 0, width: first?.width ?? 0, height: last === undefined ? 0 : bottomOf(last) };
  return { parts: placed, box };
}

function buildLabel({ range, use, notes, box }: BarPart, hasRange: boolean): MapLabel {
  const label = {
    anchor: box.y + box.height / 2,
    name: use.name,
    size: formatSize(size(range)),
    ...(hasRange ? { range: formatRange(range) } : {}),
    ...(notes.length === 0 ? {} : { note: shortenNotes(notes) }),
  };
  return { ...label, box: { x: 0, y: 0, width: 0, height: 0 } };
}

/** The first of several notes, and how many more there are: a part may consist of dozens of ranges. */
function shortenNotes([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first}, and ${more.length} more`;
}

/** The columns of labels. @param isWide - whether ranges stand in one line with name and size */
function measureLabels(
  labels: readonly MapLabel[],
  isWide: boolean,
): MapBar['columns'] & { readonly width: number } {
  const names = findLargest(labels, ({ name }) => measureName(name));
  const sizeEnd = names + COLUMN_GAP + findLargest(labels, ({ size: bytes }) => measureFigure(bytes));
  const rangeStart = sizeEnd + COLUMN_GAP;
  const ranges = findLargest(labels, ({ range = '' }) => measureFigure(range));
  const notes = findLargest(labels, ({ note = '' }) => note.length * LETTER.note);
  if (!isWide) return { sizeEnd, rangeStart: 0, width: Math.max(sizeEnd, findLargest(labels, measureNotes)) };
  return { sizeEnd, rangeStart, width: Math.max(rangeStart + ranges, notes) };
}

function measureName(name: string): number {
  return name.length * LETTER.name;
}

function measureFigure(text: string): number {
  return text.length * LETTER.figure;
}

/** The width of what stands below a name. */
function measureNotes({ range = '', note = '' }: MapLabel): number {
  return Math.max(range.length, note.length) * LETTER.note;
}

/** Gives a label its place beside a bar. @param linesBelow - that stand below its first line */
function placeLabel(label: MapLabel, box: Pick<Box, 'x' | 'width'>, linesBelow: number): MapLabel {
  return { ...label, box: { ...box, y: 0, height: LABEL_HEIGHT + linesBelow * NOTE_HEIGHT } };
}

function countLines(...texts: readonly (string | undefined)[]): number {
  return texts.filter((text) => text !== undefined).length;
}

/** Moves labels so that none overlap, and the first line of each is as close to its anchor as possible. */
function separateLabels(labels: readonly MapLabel[]): MapLabel[] {
  const tops = spreadLabels(
    labels.map(({ anchor, box: { height } }) => ({ top: anchor - FIRST_LINE, height })),
  );
  return labels.map((label, index) => ({ ...label, box: { ...label.box, y: tops[index] ?? 0 } }));
}

function moveDown(bar: MapBar, down: number): MapBar {
  const move = (box: Box): Box => ({ ...box, y: box.y + down });
  return {
    ...bar,
    box: move(bar.box),
    parts: bar.parts.map((part) => ({ ...part, box: move(part.box) })),
    labels: bar.labels.map((label) => ({ ...label, anchor: label.anchor + down, box: move(label.box) })),
  };
}

function rightOf({ x, width }: Pick<Box, 'x' | 'width'>): number {
  return x + width;
}

function bottomOf({ y, height }: Pick<Box, 'y' | 'height'>): number {
  return y + height;
}

/** The largest number that the items have, and at least 0. */
function findLargest<T>(items: readonly T[], read: (item: T) => number): number {
  return items.reduce((largest, item) => Math.max(largest, read(item)), 0);
}
