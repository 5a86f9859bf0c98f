import type { Guest } from './qemu-process.js';

/** The text that a guest prints on its console, as it arrives. */
export class Dialogue {
  #text = '';
  /** How much of the text was matched already. */
  #read = 0;
  #isOver = false;
  #wake = (): void => {};

  /** All text so far. */
  get text(): string {
    return this.#text;
  }

  append(text: string): void {
    this.#text += text;
    this.#wake();
  }

  /** No more text will arrive. */
  close(): void {
    this.#isOver = true;
    this.#wake();
  }

  /**
   * Waits until text that was not read yet matches, and reads up to the end of the match.
   *
   * @returns undefined if the guest ends without a match
   */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const match = pattern.exec(this.#text.slice(this.#read));
      if (match !== null) {
        this.#read += match.index + match[0].length;
        return match;
      }
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Characters on a line: the kernel's terminal accepts 4095. */
const LINE_LENGTH = 1024;

/**
 * Sends bytes in base64, and the line `end`.
 *
 * @param request - matches the guest's request for a line
 * @returns whether the guest requested all lines before it ended
 */
export async function sendLines(
  guest: Guest,
  dialogue: Dialogue,
  bytes: Uint8Array,
  request: RegExp,
): Promise<boolean> {
  const text = Buffer.from(bytes).toString('base64');
  const lines = [...(text.match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []), 'end'];
  for (const line of lines) {
    if ((await dialogue.waitFor(request)) === undefined) return false;
    guest.write(`${line}\n`);
  }
  return true;
}
