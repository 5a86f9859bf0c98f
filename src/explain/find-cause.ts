import type { Cause, LinePiece } from './causes/cause.js';
import { KERNEL_CAUSES, TOOL_CAUSES } from './causes/causes.js';

/** A cause with its name. */
export interface NamedCause {
  readonly name: string;
  readonly cause: Cause;
}

/** A text of a cause, and the second text that the line must have, or an empty one. */
interface Candidate extends NamedCause {
  readonly and: string;
}

/** Bounds the work on one line: so many known texts in one line occur only if someone made it. */
const MAX_TEXTS_PER_LINE = 8;

/** The causes of each text that lines are searched for; those that need a second text come first. */
const CANDIDATES: ReadonlyMap<string, readonly Candidate[]> = buildCandidates();

/** All texts in one expression, without anything that backtracks. Of two texts at one place, the longer counts. */
const TEXTS = new RegExp(
  [...CANDIDATES.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|'),
  'g',
);

/** Finds the cause that a line names, by the texts of the tables. */
export function findCause(line: string, isCrashKernel: boolean): NamedCause | undefined {
  TEXTS.lastIndex = 0;
  for (let count = 0; count < MAX_TEXTS_PER_LINE; count += 1) {
    const text = TEXTS.exec(line)?.[0];
    if (text === undefined) return undefined;
    const found = CANDIDATES.get(text)?.find(
      ({ and, cause }) => line.includes(and) && (isCrashKernel || cause.isOfCrashKernel !== true),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function buildCandidates(): ReadonlyMap<string, readonly Candidate[]> {
  const candidates = new Map<string, Candidate[]>();
  for (const [name, cause] of [...Object.entries(KERNEL_CAUSES), ...Object.entries(TOOL_CAUSES)]) {
    for (const piece of [...cause.lines, ...(cause.otherLines?.lines ?? [])]) {
      const [text, and] = splitPiece(piece);
      const others = candidates.get(text) ?? [];
      candidates.set(
        text,
        [...others, { name, cause, and }].toSorted((a, b) => b.and.length - a.and.length),
      );
    }
  }
  return candidates;
}

function splitPiece(piece: LinePiece): readonly [text: string, and: string] {
  return typeof piece === 'string' ? [piece, ''] : piece;
}
