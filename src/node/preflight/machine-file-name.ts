/** The text of a machine file around its name. */
export interface SplitFile {
  readonly before: Buffer;
  readonly name: string;
  readonly after: Buffer;
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
export function splitAtName(bytes: Buffer): SplitFile | undefined {
  const start = bytes.toString('latin1', 0, START_BYTES);
  const found = NAME_LINE.exec(start);
  if (found === null) return undefined;
  const from = found.index + BEFORE_NAME;
  const to = from + (found[1] as string).length;
  return { before: bytes.subarray(0, from), name: found[1] as string, after: bytes.subarray(to) };
}
