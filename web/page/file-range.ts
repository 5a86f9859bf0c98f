import type { Facts } from '../../src/inspect/facts.js';

/** Bytes of a file, from the facts about it. */
export interface FileRange {
  /** The fact that says where they start. */
  readonly name: string;
  /** In bytes from the start of the file. */
  readonly start: number;
  readonly length: number;
}

/** Facts that are offsets in the file, and those beside them that say how many bytes lie there. */
const OFFSETS: readonly (readonly [offset: string, sizes: readonly string[]])[] = [
  ['offset', ['fileSize', 'size', 'length']],
  ['payloadOffset', ['payloadSize']],
];

/** Groups of facts about a file within the file: their offsets are within that one. */
const OTHER_FILES = ['kernel', 'contents', 'initrdContents'];

/** Whether a group of facts is about another file. @param name - of the group */
export function isOtherFile(name: string): boolean {
  return OTHER_FILES.includes(name);
}

/**
 * Finds which bytes of a file a group of facts is about.
 *
 * @param fileSize - in bytes
 * @returns undefined if they do not say, or name what is not in the file
 */
export function findFileRange(facts: Facts, fileSize: number): FileRange | undefined {
  for (const [name, sizes] of OFFSETS) {
    const start = readNumber(facts[name]);
    const length = sizes.map((size) => readNumber(facts[size])).find((size) => size !== undefined);
    if (start === undefined || length === undefined) continue;
    if (start + length <= fileSize) return { name, start, length };
  }
  return undefined;
}

/** @returns undefined for what is no number, or larger than a file */
function readNumber(fact: unknown): number | undefined {
  const number = typeof fact === 'string' && /^0x[0-9a-f]{1,16}$/.test(fact) ? Number(fact) : fact;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}
