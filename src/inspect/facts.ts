/** What is known of a file: names and values, ready for JSON and for aligned text. Addresses are "0x…". */
export interface Facts {
  readonly [name: string]: Fact;
}

export type Fact = string | number | boolean | readonly string[] | readonly Facts[] | Facts;

/** What a file is, and what is known of it. */
export interface Inspected {
  readonly kind: string;
  readonly facts: Facts;
}
