import { readLeadingSize } from '../../machine/memparse.js';

/** Reads a text from left to right, as the parsers of `crashkernel=` do. */
export class SizeCursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads a size. @returns undefined if there is no digit; the cursor then stays */
  readSize(): bigint | undefined {
    const size = readLeadingSize(this.#text.slice(this.#at));
    if (size === undefined) return undefined;
    this.#at += size.length;
    return size.bytes;
  }

  /** The next character; empty at the end. */
  peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** Steps over a text. @returns whether it was next */
  take(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  /** Whether the parameter ends here: at a space, or at the end. */
  isAtEnd(): boolean {
    return this.peek() === '' || this.peek() === ' ';
  }

  /** Steps behind a character of this parameter. @returns whether it has one from here on */
  skipTo(character: string): boolean {
    while (!this.isAtEnd() && this.peek() !== character) this.#at += 1;
    return this.take(character);
  }
}
