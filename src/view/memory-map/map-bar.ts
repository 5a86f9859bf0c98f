import { size } from '../../base/range.js';
import type { SegmentName } from '../../kexec/kimage.js';
import type { MemoryLine } from './map-lines.js';
import type { Ground } from './map-rows.js';

/** A rectangle of the picture, in pixels from its upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `enlarged`: too thin to be visible at scale. `shortened`: too long for the picture, drawn with a break. */
export type Scaling = 'to scale' | 'enlarged' | 'shortened';

/** The part of the bar that stands for a line of the map. */
export interface BarPart {
  readonly line: MemoryLine;
  readonly box: Box;
  readonly scaling: Scaling;
}

/** How a part of the bar is drawn. */
export type Look = SegmentName | Ground | 'folded';

// All in pixels.
export const BAR_WIDTH = 150;
/** The height of a bar that is entirely to scale. */
const UNBROKEN_BAR_HEIGHT = 520;
/** A bar is entirely to scale if its subject is then at least this high. */
const MIN_SUBJECT_HEIGHT = 40;
/** The height of the subject in a bar with breaks. */
const SUBJECT_HEIGHT = 160;
/** The height of each shortened part. */
const SHORTENED_HEIGHT = 48;
const MIN_PART_HEIGHT = 10;

export function chooseLook({ ground, segment, isFolded }: MemoryLine): Look {
  return isFolded ? 'folded' : (segment ?? ground);
}

/** How the height of a part follows from its size. */
export interface Scale {
  readonly pixelsPerByte: number;
  /** Whether parts that are too long are shortened. */
  readonly hasBreaks: boolean;
  readonly isSubject: (line: MemoryLine) => boolean;
}

/**
 * Chooses the scale of a bar by its subject: the largest segment; without segments, the largest taken range; without
 * those, the largest free range. The bar is entirely to scale if its subject is then large enough to be seen.
 * Otherwise the subject sets the scale, and parts that are not of its kind and too long are shortened. In both cases,
 * parts that would be too thin to be seen are enlarged.
 */
export function chooseScale(lines: readonly MemoryLine[]): Scale {
  const isSubject = [isSegment, isTaken].find((is) => lines.some(is)) ?? isFree;
  const subject = lines.filter(isSubject).reduce((most, line) => Math.max(most, countBytes(line)), 0);
  const unbroken = UNBROKEN_BAR_HEIGHT / lines.reduce((sum, line) => sum + countBytes(line), 0);
  return subject === 0 || subject * unbroken >= MIN_SUBJECT_HEIGHT
    ? { pixelsPerByte: unbroken, hasBreaks: false, isSubject }
    : { pixelsPerByte: SUBJECT_HEIGHT / subject, hasBreaks: true, isSubject };
}

function isSegment({ segment }: MemoryLine): boolean {
  return segment !== undefined;
}

function isTaken({ ground, isFolded }: MemoryLine): boolean {
  return !isFolded && ground !== 'free' && ground !== 'gap';
}

function isFree({ ground, segment }: MemoryLine): boolean {
  return ground === 'free' && segment === undefined;
}

/** Stacks the parts of the bar in the order of the lines, the first in the upper left corner of the picture. */
export function layoutBar(lines: readonly MemoryLine[], scale: Scale): BarPart[] {
  let next = 0;
  return lines.map((line) => {
    const { height, scaling } = chooseHeight(line, scale);
    const y = next;
    next += height;
    return { line, scaling, box: { x: 0, y, width: BAR_WIDTH, height } };
  });
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
