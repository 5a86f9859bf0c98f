/** What is trusted while a case is asked. */
export type Keyrings =
  /** The CA in `.builtin_trusted_keys`. */
  | 'builtin'
  /** That, and in `.secondary_trusted_keys` what {@link secondaryCertificates} has. */
  | 'extended';

/** A file to be judged. */
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

/** Cases out of a table: a name, and a function for the file. */
export function casesOf(table: Readonly<Record<string, () => Uint8Array>>): Case[] {
  return Object.entries(table).map(([name, file]) => ({ name, file: file() }));
}

/** One case for each of some values. */
export function casesFor<T>(
  values: readonly T[],
  nameOf: (value: T) => string,
  fileOf: (value: T) => Uint8Array,
): Case[] {
  return values.map((value) => ({ name: nameOf(value), file: fileOf(value) }));
}
