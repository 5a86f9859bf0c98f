import { formatRange, type Range, size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import { escapeXml, formatElement } from '../xml.js';
import type { BarPart, Box, Slice } from './map-bar.js';
import {
  BAR_GAP,
  FIRST_LINE,
  layoutMemoryMap,
  type MapBar,
  type MapFormat,
  type MapLabel,
  type MapLayout,
  WIDE,
} from './map-layout.js';
import type { LegendEntry, ScaleRule } from './map-legend.js';
import { sumRam } from './map-lines.js';
import type { MemoryRow } from './map-rows.js';
import { patterns, STYLE } from './map-style.js';

const CAPTION = 'To scale unless shortened or enlarged. A range ends before its second address.';
/** The width of the widest letter in a title, in pixels. */
const TITLE_LETTER = 12;
/** The height of the teeth of a break mark in the bar. */
const TOOTH = 6;

/** How a picture is drawn. */
export interface PictureOptions {
  /** The text above the picture, which is cut if it is too long. */
  readonly title: string;
}

/**
 * Draws a memory map as an SVG document without scripts, and without fonts or other files from outside.
 *
 * Memory is a bar with the lowest address at the bottom, as in the kernel's documentation
 * (Documentation/arch/x86/boot.rst); if a kernel is loaded, there are two: memory now, and when the next kernel starts.
 * A bar is to scale, which a ruler shows, except for parts with a zigzag break, which are shortened, and parts with a
 * double arrow, which are enlarged. It is light or dark, as the reader's browser prefers.
 *
 * @returns an SVG document, which can be embedded in HTML
 */
export function drawMemoryMap(rows: readonly MemoryRow[], { title }: PictureOptions): string {
  return `${drawPicture(rows, { title, format: WIDE, definitions: drawDefinitions() })}\n`;
}

/**
 * Draws the picture for a page that has the {@link drawDefinitions} once for all its pictures.
 *
 * @param format - {@link WIDE} or {@link NARROW}
 */
export function drawEmbeddedMap(
  rows: readonly MemoryRow[],
  { title, format }: PictureOptions & { readonly format: MapFormat },
): string {
  return drawPicture(rows, { title, format, definitions: [] });
}

/** The style sheet of all pictures, and the patterns that it fills with, as SVG elements. */
export function drawDefinitions(): string[] {
  return [formatElement('style', {}, [STYLE]), formatElement('defs', {}, patterns())];
}

function drawPicture(
  rows: readonly MemoryRow[],
  { title, format, definitions }: { title: string; format: MapFormat; definitions: readonly string[] },
): string {
  const layout = layoutMemoryMap(rows, format);
  const { width, height } = layout;
  const content = [
    formatElement('title', {}, [escapeXml(title)]),
    formatElement('desc', {}, [escapeXml(describeBars(layout))]),
    ...definitions,
    formatElement('rect', { class: 'page', width, height }),
    ...(format.isWide ? drawHeader(rows, title, layout) : []),
    ...layout.bars.flatMap((bar) => drawBar(bar, format)),
    ...layout.slices.flatMap((slice) => drawMark(slice, layout.bars)),
    ...layout.legend.flatMap(drawLegendEntry),
    ...(layout.rule === undefined ? [] : drawRule(layout.rule)),
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    class: `kexec-map ${format.isWide ? 'wide' : 'narrow'}`,
    role: 'img',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
  };
  return formatElement('svg', attributes, content);
}

/** What stands above and below the picture. */
function drawHeader(rows: readonly MemoryRow[], title: string, { width, height }: MapLayout): string[] {
  const { margin } = WIDE;
  const [first, last] = [rows[0], rows.at(-1)];
  const summary =
    first === undefined || last === undefined
      ? 'No RAM'
      : `${formatSize(sumRam(rows))} of RAM within ${formatRange({ start: first.range.start, end: last.range.end })}; ` +
        'physical addresses, growing upwards';
  return [
    drawText(margin, 36, 'title', cutText(title, Math.floor((width - 2 * margin) / TITLE_LETTER))),
    drawText(margin, 58, 'small', summary),
    drawText(margin, height - margin, 'small', CAPTION),
  ];
}

function drawBar(bar: MapBar, format: MapFormat): string[] {
  const { title, box, parts, labels } = bar;
  return [
    ...(title === undefined ? [] : [drawText(box.x + box.width / 2, box.y - 12, 'heading middle', title)]),
    ...parts.map(drawPart),
    ...labels.flatMap((label) => drawLabel(label, bar, format)),
  ];
}

function drawPart({ use, range, notes, box }: BarPart): string {
  const tip = formatElement('title', {}, [escapeXml(describeUse(use.name, range, notes))]);
  return formatElement('g', {}, [
    tip,
    formatElement('rect', { class: `part ${use.look}`, ...formatBox(box) }),
  ]);
}

/** The marks of a slice that is not to scale: a break in each bar, or an arrow before the last. */
function drawMark({ scaling, top, height }: Slice, bars: readonly MapBar[]): string[] {
  const boxes = bars.map(({ box }) => ({ ...box, y: top, height }));
  if (scaling === 'shortened') return boxes.flatMap((box) => drawBreak(box, TOOTH));
  const x = (boxes.at(-1)?.x ?? 0) - (bars.length > 1 ? BAR_GAP / 2 : 10);
  return scaling === 'enlarged' ? [drawArrow(x, top + height / 2)] : [];
}

/** Two zigzag lines across the middle of a box, with the page's colour between them. */
function drawBreak({ x, y, width, height }: Box, tooth: number): string[] {
  const middle = y + height / 2;
  const teeth = 2 * Math.round(width / (4 * tooth)) + 2;
  const zigzag = (offset: number) =>
    Array.from({ length: teeth + 1 }, (_, index): Point => {
      const across = x - tooth / 2 + (index * (width + tooth)) / teeth;
      return [across, middle + offset + (index % 2 === 0 ? tooth : -tooth) / 2];
    });
  const [upper, lower] = [zigzag(-tooth), zigzag(tooth)];
  return [
    formatElement('polygon', { class: 'page', points: formatPoints([...upper, ...lower.toReversed()]) }),
    drawLine('edge', ...upper),
    drawLine('edge', ...lower),
  ];
}

/** An arrow with two heads, as high as the thinnest part. */
function drawArrow(x: number, middle: number): string {
  return formatElement('path', {
    class: 'edge',
    d: `M${round(x)},${round(middle - 4)} v8 m-3,-3 l3,3 l3,-3 m-6,-2 l3,-3 l3,3`,
  });
}

function drawLabel(label: MapLabel, { box: bar, side, columns }: MapBar, { isWide }: MapFormat): string[] {
  if (side === 'left') return drawLeftLabel(label, bar.x);
  const { range, ...rest } = label;
  const below = isWide ? [] : [{ look: 'figure small', text: range }];
  return drawRightLabel(isWide ? label : rest, bar.x + bar.width, columns, below);
}

/** A line of a label below its first. */
interface LabelLine {
  readonly look: string;
  readonly text: string | undefined;
}

function drawLinesBelow(x: number, base: number, lines: readonly LabelLine[]): string[] {
  return lines
    .filter(({ text }) => text !== undefined)
    .map(({ look, text = '' }, index) => drawText(x, base + 15 * (index + 1), look, text));
}

/** Name, size and range in a line, and below it other lines and the note. */
function drawRightLabel(
  { box, anchor, name, size: bytes, range, note }: MapLabel,
  start: number,
  { sizeEnd, rangeStart }: MapBar['columns'],
  below: readonly LabelLine[],
): string[] {
  const base = box.y + 16;
  const line = box.y + FIRST_LINE;
  return [
    drawLine('line', [start, anchor], [start + 8, anchor], [box.x - 14, line], [box.x - 6, line]),
    drawText(box.x, base, 'name', name),
    drawText(sizeEnd, base, 'figure end', bytes),
    ...(range === undefined ? [] : [drawText(rangeStart, base, 'figure', range)]),
    ...drawLinesBelow(box.x, base, [...below, { look: 'small', text: note }]),
  ];
}

/** Name and size in a line, and below it the range and the note. */
function drawLeftLabel({ box, anchor, name, size: bytes, range, note }: MapLabel, start: number): string[] {
  const base = box.y + 16;
  const line = box.y + FIRST_LINE;
  const end = box.x + box.width;
  return [
    drawLine('line', [end + 6, line], [end + 14, line], [start - 8, anchor], [start, anchor]),
    drawNameAndSize(end, base, name, bytes),
    ...drawLinesBelow(end, base, [
      { look: 'figure small end', text: range },
      { look: 'small end', text: note },
    ]),
  ];
}

/** Name and size as one text that ends at a place, because the width of the reader's letters is unknown. */
function drawNameAndSize(x: number, y: number, name: string, bytes: string): string {
  return formatElement('text', { class: 'end', x: round(x), y: round(y) }, [
    formatElement('tspan', { class: 'name' }, [escapeXml(name)]),
    formatElement('tspan', { class: 'figure', dx: 10 }, [escapeXml(bytes)]),
  ]);
}

function drawLegendEntry({ box, sample, text: name }: LegendEntry): string[] {
  const swatch = { x: box.x, y: box.y + 3, width: 26, height: 14 };
  const look = sample === 'shortened' ? 'free' : sample;
  return [
    sample === 'enlarged'
      ? drawArrow(swatch.x + 13, swatch.y + 7)
      : formatElement('rect', { class: `part ${look}`, ...swatch }),
    ...(sample === 'shortened' ? drawBreak(swatch, 4) : []),
    drawText(box.x + 34, box.y + 14, 'small', name),
  ];
}

function drawRule({ box, bytes }: ScaleRule): string[] {
  const [left, right, top, bottom] = [box.x, box.x + 8, box.y + 2, box.y + 2 + box.height];
  return [
    drawLine('edge', [left, top], [right, top]),
    drawLine('edge', [left, bottom], [right, bottom]),
    drawLine('edge', [left + 4, top], [left + 4, bottom]),
    drawText(right + 8, box.y + 14, 'small', `scale: ${formatSize(bytes)}`),
  ];
}

type Point = readonly [x: number, y: number];

function drawLine(look: string, ...points: readonly Point[]): string {
  return formatElement('polyline', { class: look, points: formatPoints(points) });
}

function formatPoints(points: readonly Point[]): string {
  return points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
}

function drawText(x: number, y: number, look: string, content: string): string {
  return formatElement('text', { class: look, x: round(x), y: round(y) }, [escapeXml(content)]);
}

function formatBox({ x, y, width, height }: Box): Record<string, number> {
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

/** To a tenth of a pixel, which is more exact than a screen. */
function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** Cuts a text after whole characters. */
function cutText(uncut: string, maxCharacters: number): string {
  const characters = Array.from(uncut);
  return characters.length <= maxCharacters ? uncut : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}

/** The picture in words, lowest address first, for screen readers. */
function describeBars({ bars }: MapLayout): string {
  return bars
    .map(({ title, parts }) => {
      const uses = parts.map(({ use, range, notes }) => describeUse(use.name, range, notes)).toReversed();
      return [...(title === undefined ? [] : [`${title}:`]), ...uses].join(' ');
    })
    .join(' ');
}

function describeUse(name: string, range: Range, notes: readonly string[]): string {
  return `${[`${name}: ${formatSize(size(range))} at ${formatRange(range)}`, ...notes].join(', ')}.`;
}
