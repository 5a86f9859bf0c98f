/** The certificates that the oracle trusts for a case. */
export type Keyrings =
  /** The CA in `.builtin_trusted_keys`. */
  | 'builtin'
  /** That, and {@link secondaryCertificates} in `.secondary_trusted_keys`. */
  | 'extended';

/** A file to be verified. */
export interface Case {
  readonly name: string;
  readonly file: Uint8Array;
}

/** Cases about one subject. */
export interface CaseKind {
  readonly name: string;
  readonly keyrings: Keyrings;
  readonly cases: readonly Case[];
}

/** Cases from a table of names and functions that return the file. Such tables make functions longer than elsewhere. */
export function casesOf(table: Readonly<Record<string, () => Uint8Array>>): Case[] {
  return Object.entries(table).map(([name, file]) => ({ name, file: file() }));
}

/** A case for each value. */
export function casesFor<T>(
  values: readonly T[],
  nameOf: (value: T) => string,
  fileOf: (value: T) => Uint8Array,
): Case[] {
  return values.map((value) => ({ name: nameOf(value), file: fileOf(value) }));
}
