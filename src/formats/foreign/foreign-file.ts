import { decodeLatin1 } from '../../base/bytes.js';

/** A file that users mistake for a kernel, an initrd or a signed file. */
export interface ForeignFile {
  /** What it is, with its article: "an Android boot image". */
  readonly name: string;
  /** What to do with it. */
  readonly cure: string;
}

/** What to do with a file of which nothing more is known, where a kernel is expected. */
export const GIVE_THE_KERNEL = 'give the kernel';

/** A kind of such a file. */
export interface ForeignKind extends ForeignFile {
  /** Whether a file is of this kind, by its magic. */
  readonly matches: (bytes: Uint8Array) => boolean;
}

/** Describes a kind that has one magic, or one of several: characters as bytes (ISO 8859-1) at an offset. */
export function kind(
  name: string,
  cure: string,
  ...magics: readonly (readonly [number, string])[]
): ForeignKind {
  return { name, cure, matches: (bytes) => magics.some(([at, magic]) => hasText(bytes, at, magic)) };
}

/** Whether a file has a text at an offset, one character a byte. */
export function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  return at + text.length <= bytes.length && decodeLatin1(bytes, at, at + text.length) === text;
}
