import { formatRange, size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import { escapeXml, formatElement } from '../xml.js';
import { type BarPart, type Box, chooseLook, type Scaling } from './map-bar.js';
import {
  type Bracket,
  FIRST_LINE,
  type LegendEntry,
  layoutMemoryMap,
  MARGIN,
  type MapLabel,
  type MapLayout,
  type ScaleRule,
} from './map-layout.js';
import { type MemoryLine, sumRam } from './map-lines.js';
import type { MemoryRow } from './map-rows.js';
import { patterns, STYLE } from './map-style.js';

const CAPTION = 'To scale unless shortened or enlarged. A range ends before its second address.';
/** The width of the widest letter in a title, in pixels. */
const TITLE_LETTER = 12;
/** The height of the teeth of a break mark in the bar. */
const TOOTH = 6;

/**
 * Draws a memory map as an SVG document without scripts, and without fonts or other files from outside.
 *
 * Memory is a bar with the lowest address at the bottom, as in the kernel's documentation
 * (Documentation/arch/x86/boot.rst). The bar is to scale, which a ruler shows, except for parts with a zigzag break,
 * which are shortened, and parts with a double arrow, which are enlarged. It is light or dark, as the reader's browser
 * prefers.
 *
 * @param title - the text above the picture, which is cut if it is too long
 * @returns an SVG document, which can be embedded in HTML
 */
export function drawMemoryMap(rows: readonly MemoryRow[], { title }: { title: string }): string {
  const layout = layoutMemoryMap(rows);
  const { width, height } = layout;
  const content = [
    formatElement('title', {}, [escapeXml(title)]),
    formatElement('desc', {}, [escapeXml(describeBar(layout))]),
    formatElement('style', {}, [STYLE]),
    formatElement('defs', {}, patterns()),
    formatElement('rect', { class: 'page', width, height }),
    ...drawHeader(rows, title, width),
    ...layout.bar.flatMap(drawPart),
    ...layout.brackets.flatMap(drawBracket),
    ...layout.labels.flatMap((label, index) => drawLabel(label, layout.bar[index]?.box, layout.columns)),
    ...layout.legend.flatMap(drawLegendEntry),
    ...(layout.rule === undefined ? [] : drawRule(layout.rule)),
    drawText(MARGIN, height - MARGIN, 'small', CAPTION),
  ];
  return `${formatElement(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'kexec-map',
      role: 'img',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
    },
    content,
  )}\n`;
}

function drawHeader(rows: readonly MemoryRow[], title: string, width: number): string[] {
  const [first, last] = [rows[0], rows.at(-1)];
  const summary =
    first === undefined || last === undefined
      ? 'No RAM'
      : `${formatSize(sumRam(rows))} of RAM within ${formatRange({ start: first.range.start, end: last.range.end })}; ` +
        'physical addresses, growing upwards';
  return [
    drawText(MARGIN, 36, 'title', cutText(title, Math.floor((width - 2 * MARGIN) / TITLE_LETTER))),
    drawText(MARGIN, 58, 'small', summary),
  ];
}

function drawPart({ line, box, scaling }: BarPart): string[] {
  const tip = formatElement('title', {}, [escapeXml(describeLine(line))]);
  const rect = formatElement('rect', { class: `part ${chooseLook(line)}`, ...formatBox(box) });
  return [formatElement('g', {}, [tip, rect, ...drawMark(scaling, box)])];
}

/** The mark of a part that is not to scale. */
function drawMark(scaling: Scaling, box: Box): string[] {
  if (scaling === 'shortened') return drawBreak(box, TOOTH);
  return scaling === 'enlarged' ? [drawArrow(box.x - 10, box.y + box.height / 2)] : [];
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

function drawLabel(
  { box, anchor, name, size: bytes, range, note }: MapLabel,
  part: Box | undefined,
  { sizeEnd, rangeStart }: MapLayout['columns'],
): string[] {
  const base = box.y + 16;
  const start = part === undefined ? box.x : part.x + part.width;
  return [
    drawLine(
      'line',
      [start, anchor],
      [start + 8, anchor],
      [box.x - 14, box.y + FIRST_LINE],
      [box.x - 6, box.y + FIRST_LINE],
    ),
    drawText(box.x, base, 'name', name),
    drawText(sizeEnd, base, 'figure end', bytes),
    drawText(rangeStart, base, 'figure', range),
    ...(note === undefined ? [] : [drawText(box.x, base + 15, 'small', note)]),
  ];
}

function drawBracket({ top, bottom, label }: Bracket): string[] {
  const { box, anchor, name, size: bytes, range } = label;
  const end = box.x + box.width;
  return [
    drawLine('line', [end + 14, top], [end + 8, top], [end + 8, bottom], [end + 14, bottom]),
    drawLine('line', [end + 8, anchor], [end + 3, box.y + FIRST_LINE]),
    drawText(end, box.y + 16, 'name end', `${name}, ${bytes}`),
    drawText(end, box.y + 30, 'figure small end', range),
  ];
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
function describeBar({ bar }: MapLayout): string {
  return bar
    .map(({ line }) => describeLine(line))
    .toReversed()
    .join(' ');
}

function describeLine({ what, range, note }: MemoryLine): string {
  return `${what}: ${formatSize(size(range))} at ${formatRange(range)}${note === undefined ? '' : `, ${note}`}.`;
}
