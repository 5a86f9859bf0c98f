import { type Range, size } from '../../base/range.js';
import type { MapUse, MemoryLine } from './map-lines.js';

/** A rectangle of the picture, in pixels from its upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `enlarged`: too thin to be visible at scale. `shortened`: too long for the picture, drawn with a break. */
export type Scaling = 'to scale' | 'enlarged' | 'shortened';

/** The height in the picture that stands for a line of the map, across all bars. */
export interface Slice {
  readonly line: MemoryLine;
  /** From the upper edge of the bars. */
  readonly top: number;
  readonly height: number;
  readonly scaling: Scaling;
}

/** The part of a bar that has one use: one slice, or several that touch. */
export interface BarPart {
  readonly use: MapUse;
  readonly range: Range;
  /** What else is known of its slices. */
  readonly notes: readonly string[];
  readonly box: Box;
}

// All in pixels.
/** The height of a bar that is entirely to scale. */
const UNBROKEN_BAR_HEIGHT = 520;
/** A bar is entirely to scale if its subject is then at least this high. */
const MIN_SUBJECT_HEIGHT = 40;
/** The height of the subject in a bar with breaks. */
const SUBJECT_HEIGHT = 160;
/** The height of each shortened part. */
const SHORTENED_HEIGHT = 40;
const MIN_PART_HEIGHT = 10;

/** How the height of a part follows from its size. */
export interface Scale {
  readonly pixelsPerByte: number;
  /** Whether parts that are too long are shortened. */
  readonly hasBreaks: boolean;
  readonly isSubject: (line: MemoryLine) => boolean;
}

/**
 * Chooses the scale of a bar by its subject: the largest segment, part of the running kernel, or initrd of its, so that
 * old and new ones compare; without those, the largest taken range; without that, the largest free range. The bar is
 * entirely to scale if its subject is then large enough to be seen. Otherwise the subject sets the scale, and parts
 * that are not of its kind and too long are shortened. In both cases, parts that would be too thin to be seen are
 * enlarged.
 */
export function chooseScale(lines: readonly MemoryLine[]): Scale {
  const isSubject = [isKernel, isTaken].find((is) => lines.some(is)) ?? isFree;
  const subject = lines.filter(isSubject).reduce((most, line) => Math.max(most, countBytes(line)), 0);
  const unbroken = UNBROKEN_BAR_HEIGHT / lines.reduce((sum, line) => sum + countBytes(line), 0);
  return subject === 0 || subject * unbroken >= MIN_SUBJECT_HEIGHT
    ? { pixelsPerByte: unbroken, hasBreaks: false, isSubject }
    : { pixelsPerByte: SUBJECT_HEIGHT / subject, hasBreaks: true, isSubject };
}

function isKernel({ segment, running }: MemoryLine): boolean {
  return segment !== undefined || (running !== undefined && running !== 'dtb');
}

function isTaken({ ground, isFolded }: MemoryLine): boolean {
  return !isFolded && ground !== 'free' && ground !== 'gap';
}

function isFree({ ground, segment }: MemoryLine): boolean {
  return ground === 'free' && segment === undefined;
}

/** Stacks the slices in the order of the lines, the first on top. */
export function layoutSlices(lines: readonly MemoryLine[], scale: Scale): Slice[] {
  let next = 0;
  return lines.map((line) => {
    const top = next;
    const { height, scaling } = chooseHeight(line, scale);
    next += height;
    return { line, top, height, scaling };
  });
}

/**
 * The parts of a bar, from its upper left corner. Neighbours of the same use are one part, unless one of them is
 * folded.
 *
 * @param slices - the highest address first
 * @param chooseUse - the use of a line that the bar shows
 */
export function layoutBar(
  slices: readonly Slice[],
  chooseUse: (line: MemoryLine) => MapUse,
  { width, ownsNotes }: { readonly width: number; readonly ownsNotes: (line: MemoryLine) => boolean },
): BarPart[] {
  const parts: BarPart[] = [];
  for (const { line, top, height } of slices) {
    const use = chooseUse(line);
    const notes = line.note !== undefined && ownsNotes(line) ? [line.note] : [];
    const above = parts.at(-1);
    if (above !== undefined && use.look !== 'folded' && areSame(above.use, use)) {
      parts[parts.length - 1] = {
        use,
        range: { start: line.range.start, end: above.range.end },
        notes: [...above.notes, ...notes],
        box: { ...above.box, height: above.box.height + height },
      };
    } else parts.push({ use, range: line.range, notes, box: { x: 0, y: top, width, height } });
  }
  return parts;
}

function areSame(a: MapUse, b: MapUse): boolean {
  return a.look === b.look && a.name === b.name;
}

function chooseHeight(
  line: MemoryLine,
  { pixelsPerByte, hasBreaks, isSubject }: Scale,
): { height: number; scaling: Scaling } {
  const height = countBytes(line) * pixelsPerByte;
  if (height < MIN_PART_HEIGHT) return { height: MIN_PART_HEIGHT, scaling: 'enlarged' };
  if (height > SHORTENED_HEIGHT && hasBreaks && !isSubject(line))
    return { height: SHORTENED_HEIGHT, scaling: 'shortened' };
  return { height, scaling: 'to scale' };
}

function countBytes({ range }: MemoryLine): number {
  return Number(size(range));
}
