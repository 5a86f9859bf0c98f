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

/** What is written beside the bar, and the height in the picture at which it points there. */
export interface MapLabel {
  readonly box: Box;
  readonly anchor: number;
  readonly name: string;
  readonly size: string;
  readonly range: string;
  readonly note?: string;
}

/** A bracket beside the parts that make up a crash region, where segments divide it. */
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

/** A length of the bar that is to scale, and what it measures. */
export interface ScaleRule {
  readonly box: Box;
  readonly bytes: bigint;
}

/** Where everything in the picture stands. */
export interface MapLayout {
  readonly width: number;
  readonly height: number;
  /** The highest address first, from top to bottom. */
  readonly bar: readonly BarPart[];
  /** A label for each part, in the same order. */
  readonly labels: readonly MapLabel[];
  /** Where the columns of the labels stand: the right edge of sizes, the left edge of ranges. */
  readonly columns: { readonly sizeEnd: number; readonly rangeStart: number };
  readonly brackets: readonly Bracket[];
  readonly legend: readonly LegendEntry[];
  /** Absent if there is nothing to measure. */
  readonly rule?: ScaleRule;
}

/** The space around the picture, in pixels. */
export const MARGIN = 28;
const HEADER_HEIGHT = 78;
const FOOTER_HEIGHT = 30;
const NARROWEST = 680;
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

/** The width of a letter, in pixels, in names, figures and notes: that of a wide font, as fonts differ. */
const LETTER = { name: 9.2, figure: 8, note: 7.2 };

/** The greatest height of the rule beside the legend. */
const LONGEST_RULE = 64;

/** What a legend can tell, in its order. */
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
  { sample: 'gap', text: GROUND_NAMES.gap },
  { sample: 'shortened', text: 'shortened' },
  { sample: 'enlarged', text: 'enlarged' },
];

/** A bar of more parts than this is no picture any more. */
const MOST_PARTS = 32;

/**
 * Lays out the picture of a memory map: a bar of memory, the lowest address at the bottom, with a label for each
 * part; labels that do not fit beside their part move, and never overlap.
 */
export function layoutMemoryMap(rows: readonly MemoryRow[]): MapLayout {
  const lines = foldMemoryRows(rows, MOST_PARTS).toReversed();
  const scale = chooseScale(lines);
  // Bar, labels and brackets, each as if the bar began in the upper left corner.
  const bar = layoutBar(lines, scale);
  const brackets = bracketsOf(bar);
  const columns = columnsOf(lines);
  const labels = labelsOf(bar, columns.width);

  const bracketEnd = MARGIN + greatest(brackets, ({ label }) => label.box.width);
  const barStart = brackets.length === 0 ? MARGIN : bracketEnd + BRACKET_GAP;
  const labelStart = barStart + BAR_WIDTH + LEADER_WIDTH;
  const width = Math.ceil(Math.max(NARROWEST, labelStart + columns.width + MARGIN));
  const hanging = [...bar, ...labels, ...brackets.map(({ label }) => label)];
  const down = HEADER_HEIGHT + greatest(hanging, ({ box }) => -box.y);
  const legendTop = down + greatest(hanging, ({ box }) => endOf(box)) + LEGEND_GAP;
  const rule = ruleOf(scale, legendTop);
  const legend = legendOf(bar, legendTop, width);
  const footer = [...legend, ...(rule === undefined ? [] : [rule])];
  const footerEnd = Math.max(
    legendTop,
    greatest(footer, ({ box }) => endOf(box)),
  );

  return {
    width,
    height: Math.ceil(footerEnd + FOOTER_HEIGHT + MARGIN),
    bar: bar.map((part) => ({ ...part, box: moved(part.box, barStart, down) })),
    labels: labels.map((label) => movedLabel(label, labelStart, down)),
    columns: { sizeEnd: labelStart + columns.sizeEnd, rangeStart: labelStart + columns.rangeStart },
    brackets: brackets.map(({ top, bottom, label }) => ({
      top: top + down,
      bottom: bottom + down,
      label: movedLabel(label, bracketEnd - label.box.width, down),
    })),
    legend,
    ...(rule === undefined ? {} : { rule }),
  };
}

function columnsOf(lines: readonly MemoryLine[]): { sizeEnd: number; rangeStart: number; width: number } {
  const names = greatest(lines, ({ what }) => what.length * LETTER.name);
  const sizes = greatest(lines, ({ range }) => formatSize(size(range)).length * LETTER.figure);
  const ranges = greatest(lines, ({ range }) => formatRange(range).length * LETTER.figure);
  const notes = greatest(lines, ({ note }) => (note ?? '').length * LETTER.note);
  const sizeEnd = names + COLUMN_GAP + sizes;
  const rangeStart = sizeEnd + COLUMN_GAP;
  return { sizeEnd, rangeStart, width: Math.max(rangeStart + ranges, notes) };
}

function labelsOf(bar: readonly BarPart[], width: number): MapLabel[] {
  const labels = bar.map(({ line: { range, what, note }, box }) => ({
    anchor: box.y + box.height / 2,
    name: what,
    size: formatSize(size(range)),
    range: formatRange(range),
    ...(note === undefined ? {} : { note }),
    box: { x: 0, y: 0, width, height: LABEL_HEIGHT + (note === undefined ? 0 : NOTE_HEIGHT) },
  }));
  return apart(labels);
}

/** A bracket for each crash region that segments divide: the region's size is told by none of its parts. */
function bracketsOf(bar: readonly BarPart[]): Bracket[] {
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
    const [top, bottom] = [upper.box.y, endOf(lower.box)];
    const box = { x: 0, y: 0, width, height: LABEL_HEIGHT + NOTE_HEIGHT };
    return [{ top, bottom, label: { ...words, anchor: (top + bottom) / 2, box } }];
  });
  const sorted = brackets.sort((a, b) => a.top - b.top);
  const labels = apart(sorted.map(({ label }) => label));
  return sorted.map((bracket, index) => ({ ...bracket, label: labels[index] ?? bracket.label }));
}

/** The labels, the first line of each as near to its anchor as can be without an overlap. */
function apart(labels: readonly MapLabel[]): MapLabel[] {
  const tops = spreadLabels(
    labels.map(({ anchor, box }) => ({ top: anchor - FIRST_LINE, height: box.height })),
  );
  return labels.map((label, index) => ({ ...label, box: moved(label.box, 0, tops[index] ?? 0) }));
}

function legendOf(bar: readonly BarPart[], top: number, width: number): LegendEntry[] {
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

/** A rule for the greatest power of two, in bytes, that is not too long. */
function ruleOf({ pixelsPerByte }: Scale, y: number): ScaleRule | undefined {
  if (!Number.isFinite(pixelsPerByte)) return undefined;
  const exponent = Math.max(0, Math.floor(Math.log2(LONGEST_RULE / pixelsPerByte)));
  const box = { x: MARGIN, y, width: RULE_COLUMN, height: 2 ** exponent * pixelsPerByte };
  return { box, bytes: 1n << BigInt(exponent) };
}

function endOf(box: Box): number {
  return box.y + box.height;
}

function moved(box: Box, right: number, down: number): Box {
  return { ...box, x: box.x + right, y: box.y + down };
}

function movedLabel(label: MapLabel, right: number, down: number): MapLabel {
  return { ...label, anchor: label.anchor + down, box: moved(label.box, right, down) };
}

/** The greatest of the numbers, and at least 0. */
function greatest<T>(of: readonly T[], number: (one: T) => number): number {
  return of.reduce((most, one) => Math.max(most, number(one)), 0);
}
