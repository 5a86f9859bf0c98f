import type { Guest } from '../qemu-process.js';

/** What a guest says on its console, and when. */
export class Dialogue {
  #said = '';
  #read = 0;
  #isOver = false;
  #wake = (): void => {};

  /** All that was said so far. */
  get said(): string {
    return this.#said;
  }

  hear(text: string): void {
    this.#said += text;
    this.#wake();
  }

  /** There will be no more. */
  close(): void {
    this.#isOver = true;
    this.#wake();
  }

  /**
   * Waits until the guest says something that fits, in what was not read yet, and reads up to its end; nothing if the
   * guest ends without.
   */
  async next(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const match = pattern.exec(this.#said.slice(this.#read));
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

/** Characters on a line: the kernel's terminal takes 4095. */
const LINE = 1024;

/** Sends bytes in base64, a line whenever the guest asks for one (`asked`), and `end`. */
export async function sendLines(
  guest: Guest,
  dialogue: Dialogue,
  bytes: Uint8Array,
  asked: RegExp,
): Promise<boolean> {
  const text = Buffer.from(bytes).toString('base64');
  const lines = [...(text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []), 'end'];
  for (const line of lines) {
    if ((await dialogue.next(asked)) === undefined) return false;
    guest.write(`${line}\n`);
  }
  return true;
}
