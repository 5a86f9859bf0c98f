import { decodeLatin1 } from '../../base/bytes.js';

/** The text of a machine file around its name. */
export interface SplitFile {
  readonly before: Uint8Array;
  readonly name: string;
  readonly after: Uint8Array;
}

/** The name is among the first fields. */
const START_BYTES = 1024;

/** The name as formatMachine() writes it, if it is printable ASCII without escapes. */
const NAME_LINE = /\n {2}"name": "([ !#-[\]-~]*)",\n/;
const BEFORE_NAME = '\n  "name": "'.length;

/**
 * Splits a machine file at its name, if that is written as formatMachine() does. Another field of that name may follow,
 * which takes its place.
 */
export function splitAtName(bytes: Uint8Array): SplitFile | undefined {
  const start = decodeLatin1(bytes, 0, Math.min(bytes.length, START_BYTES));
  const found = NAME_LINE.exec(start);
  if (found === null) return undefined;
  const from = found.index + BEFORE_NAME;
  const to = from + (found[1] as string).length;
  return { before: bytes.subarray(0, from), name: found[1] as string, after: bytes.subarray(to) };
}
