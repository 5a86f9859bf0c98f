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
/** The widest letter that a title may be made of, in pixels. */
const TITLE_LETTER = 12;
/** The height of the teeth of a break mark in the bar. */
const TOOTH = 6;

/**
 * The rows of a memory map as a picture: an SVG document without scripts, fonts or anything else from outside.
 *
 * Memory is a bar with the lowest address at the bottom, as the kernel's documentation draws it
 * (Documentation/arch/x86/boot.rst). It is to scale, by the rule that is drawn, but for parts with a zigzag break,
 * which are shortened, and parts with a double arrow, which would be too thin to see. Light or dark, as the reader's
 * browser prefers.
 *
 * @param title what stands above the picture, cut if it is too long for that; any text will do.
 */
export function drawMemoryMap(rows: readonly MemoryRow[], { title }: { title: string }): string {
  const layout = layoutMemoryMap(rows);
  const { width, height } = layout;
  const content = [
    formatElement('title', {}, [escapeXml(title)]),
    formatElement('desc', {}, [escapeXml(describe(layout))]),
    formatElement('style', {}, [STYLE]),
    formatElement('defs', {}, patterns()),
    formatElement('rect', { class: 'page', width, height }),
    ...header(rows, title, width),
    ...layout.bar.flatMap(drawPart),
    ...layout.brackets.flatMap(drawBracket),
    ...layout.labels.flatMap((label, index) => drawLabel(label, layout.bar[index]?.box, layout.columns)),
    ...layout.legend.flatMap(drawLegendEntry),
    ...(layout.rule === undefined ? [] : drawRule(layout.rule)),
    text(MARGIN, height - MARGIN, 'small', CAPTION),
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

function header(rows: readonly MemoryRow[], title: string, width: number): string[] {
  const [first, last] = [rows[0], rows.at(-1)];
  const seen =
    first === undefined || last === undefined
      ? 'No RAM'
      : `${formatSize(sumRam(rows))} of RAM within ${formatRange({ start: first.range.start, end: last.range.end })}; ` +
        'physical addresses, growing upwards';
  return [
    text(MARGIN, 36, 'title', shorten(title, Math.floor((width - 2 * MARGIN) / TITLE_LETTER))),
    text(MARGIN, 58, 'small', seen),
  ];
}

function drawPart({ line, box, scaling }: BarPart): string[] {
  const tip = formatElement('title', {}, [escapeXml(sentence(line))]);
  const rect = formatElement('rect', { class: `part ${chooseLook(line)}`, ...place(box) });
  return [formatElement('g', {}, [tip, rect, ...mark(scaling, box)])];
}

/** What tells that a part is not to scale. */
function mark(scaling: Scaling, box: Box): string[] {
  if (scaling === 'shortened') return breakMark(box, TOOTH);
  return scaling === 'enlarged' ? [stretchMark(box.x - 10, box.y + box.height / 2)] : [];
}

/** Two zigzag lines across the middle of a box, and the page between them. */
function breakMark({ x, y, width, height }: Box, tooth: number): string[] {
  const middle = y + height / 2;
  const teeth = 2 * Math.round(width / (4 * tooth)) + 2;
  const zigzag = (offset: number) =>
    Array.from({ length: teeth + 1 }, (_, index): Point => {
      const across = x - tooth / 2 + (index * (width + tooth)) / teeth;
      return [across, middle + offset + (index % 2 === 0 ? tooth : -tooth) / 2];
    });
  const [upper, lower] = [zigzag(-tooth), zigzag(tooth)];
  return [
    formatElement('polygon', { class: 'page', points: pointList([...upper, ...lower.toReversed()]) }),
    line('edge', ...upper),
    line('edge', ...lower),
  ];
}

/** An arrow with two heads, as high as the thinnest part. */
function stretchMark(x: number, middle: number): string {
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
    line(
      'line',
      [start, anchor],
      [start + 8, anchor],
      [box.x - 14, box.y + FIRST_LINE],
      [box.x - 6, box.y + FIRST_LINE],
    ),
    text(box.x, base, 'name', name),
    text(sizeEnd, base, 'figure end', bytes),
    text(rangeStart, base, 'figure', range),
    ...(note === undefined ? [] : [text(box.x, base + 15, 'small', note)]),
  ];
}

function drawBracket({ top, bottom, label }: Bracket): string[] {
  const { box, anchor, name, size: bytes, range } = label;
  const end = box.x + box.width;
  return [
    line('line', [end + 14, top], [end + 8, top], [end + 8, bottom], [end + 14, bottom]),
    line('line', [end + 8, anchor], [end + 3, box.y + FIRST_LINE]),
    text(end, box.y + 16, 'name end', `${name}, ${bytes}`),
    text(end, box.y + 30, 'figure small end', range),
  ];
}

function drawLegendEntry({ box, sample, text: name }: LegendEntry): string[] {
  const swatch = { x: box.x, y: box.y + 3, width: 26, height: 14 };
  const look = sample === 'shortened' ? 'free' : sample;
  return [
    sample === 'enlarged'
      ? stretchMark(swatch.x + 13, swatch.y + 7)
      : formatElement('rect', { class: `part ${look}`, ...swatch }),
    ...(sample === 'shortened' ? breakMark(swatch, 4) : []),
    text(box.x + 34, box.y + 14, 'small', name),
  ];
}

function drawRule({ box, bytes }: ScaleRule): string[] {
  const [left, right, top, bottom] = [box.x, box.x + 8, box.y + 2, box.y + 2 + box.height];
  return [
    line('edge', [left, top], [right, top]),
    line('edge', [left, bottom], [right, bottom]),
    line('edge', [left + 4, top], [left + 4, bottom]),
    text(right + 8, box.y + 14, 'small', `scale: ${formatSize(bytes)}`),
  ];
}

type Point = readonly [x: number, y: number];

function line(look: string, ...points: readonly Point[]): string {
  return formatElement('polyline', { class: look, points: pointList(points) });
}

function pointList(points: readonly Point[]): string {
  return points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
}

function text(x: number, y: number, look: string, content: string): string {
  return formatElement('text', { class: look, x: round(x), y: round(y) }, [escapeXml(content)]);
}

function place({ x, y, width, height }: Box): Record<string, number> {
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

/** A tenth of a pixel is as exact as a screen can show. */
function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** At most so many characters, cut between whole ones. */
function shorten(words: string, most: number): string {
  const characters = Array.from(words);
  return characters.length <= most ? words : `${characters.slice(0, most - 1).join('')}…`;
}

/** The picture in words, lowest address first, for those who cannot see it. */
function describe({ bar }: MapLayout): string {
  return bar
    .map(({ line }) => sentence(line))
    .toReversed()
    .join(' ');
}

function sentence({ what, range, note }: MemoryLine): string {
  return `${what}: ${formatSize(size(range))} at ${formatRange(range)}${note === undefined ? '' : `, ${note}`}.`;
}
