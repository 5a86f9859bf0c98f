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

/** `enlarged`: too thin to be seen to scale. `shortened`: too long for the picture, drawn with a break. */
export type Scaling = 'to scale' | 'enlarged' | 'shortened';

/** A line of the map as a part of the bar. */
export interface BarPart {
  readonly line: MemoryLine;
  readonly box: Box;
  readonly scaling: Scaling;
}

/** What a part of the bar looks like. */
export type Look = SegmentName | Ground | 'folded';

/** In pixels, as all that follows. */
export const BAR_WIDTH = 150;
/** The height of a bar that is wholly to scale. */
const WHOLE_BAR = 520;
/** A bar is wholly to scale if its subject then has this height. */
const SUBJECT_IN_WHOLE_BAR = 40;
/** The height of the subject in a bar with breaks. */
const SUBJECT = 160;
/** The height of all that is shortened. */
const SHORTENED = 48;
/** Nothing is thinner than this. */
const THINNEST = 10;

/** What a line looks like in the bar. */
export function chooseLook({ ground, segment, isFolded }: MemoryLine): Look {
  return isFolded ? 'folded' : (segment ?? ground);
}

/** How heights come from sizes. */
export interface Scale {
  readonly pixelsPerByte: number;
  /** Whether what is too long is shortened. */
  readonly hasBreaks: boolean;
  readonly isSubject: (line: MemoryLine) => boolean;
}

/**
 * The scale of a bar. Its subject is the largest segment; without segments, the largest taken range; without those,
 * the largest free one. If the subject can be seen in a bar that is wholly to scale, the bar is. Else the subject sets
 * the scale, and whatever is not of its kind and much longer than it should be is shortened. Either way, what would be
 * too thin to see is enlarged.
 */
export function chooseScale(lines: readonly MemoryLine[]): Scale {
  const isSubject = [isSegment, isTaken].find((is) => lines.some(is)) ?? isFree;
  const subject = lines.filter(isSubject).reduce((most, line) => Math.max(most, bytesOf(line)), 0);
  const whole = WHOLE_BAR / lines.reduce((sum, line) => sum + bytesOf(line), 0);
  return subject === 0 || subject * whole >= SUBJECT_IN_WHOLE_BAR
    ? { pixelsPerByte: whole, hasBreaks: false, isSubject }
    : { pixelsPerByte: SUBJECT / subject, hasBreaks: true, isSubject };
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

/** The parts of the bar, in the order of the lines, as if it began in the upper left corner. */
export function layoutBar(lines: readonly MemoryLine[], scale: Scale): BarPart[] {
  let next = 0;
  return lines.map((line) => {
    const { height, scaling } = heightOf(line, scale);
    const y = next;
    next += height;
    return { line, scaling, box: { x: 0, y, width: BAR_WIDTH, height } };
  });
}

function heightOf(
  line: MemoryLine,
  { pixelsPerByte, hasBreaks, isSubject }: Scale,
): { height: number; scaling: Scaling } {
  const height = bytesOf(line) * pixelsPerByte;
  if (height < THINNEST) return { height: THINNEST, scaling: 'enlarged' };
  if (height > SHORTENED && hasBreaks && !isSubject(line)) return { height: SHORTENED, scaling: 'shortened' };
  return { height, scaling: 'to scale' };
}

function bytesOf({ range }: MemoryLine): number {
  return Number(size(range));
}
