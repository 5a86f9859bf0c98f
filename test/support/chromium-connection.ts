/** The Chrome DevTools Protocol over a pipe: JSON messages, each terminated by a NUL. */
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** An event of a session: the protocol's method, and its parameters. */
// biome-ignore lint/suspicious/noExplicitAny: the type depends on the protocol's method.
export type EventListener = (method: string, params: any) => void;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The connection to a browser that was started with `--remote-debugging-pipe`. */
export class Connection {
  readonly #input: Writable;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  readonly #listeners = new Map<string, EventListener>();
  #lastId = 0;

  constructor(browser: ChildProcess) {
    this.#input = browser.stdio[3] as Writable;
    this.#input.on('error', () => {});
    let rest = '';
    (browser.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
    const fail = (error: Error): void => {
      for (const { reject } of this.#waiting.values()) reject(error);
    };
    browser.on('error', fail).on('exit', (code) => fail(new Error(`chromium ended with ${code}`)));
  }

  /** @param sessionId - of a page; the browser's if left out */
  // biome-ignore lint/suspicious/noExplicitAny: the type depends on the protocol's method.
  send(method: string, params: object = {}, sessionId?: string): Promise<any> {
    this.#lastId += 1;
    const id = this.#lastId;
    const message = { id, method, params, ...(sessionId && { sessionId }) };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#input.write(`${JSON.stringify(message)}\0`);
    });
  }

  /** Has a listener called for each event of a session. */
  listen(sessionId: string, listener: EventListener): void {
    this.#listeners.set(sessionId, listener);
  }

  #take({ id, sessionId = '', method, params, result, error }: Message): void {
    if (method !== undefined) this.#listeners.get(sessionId)?.(method, params);
    if (id === undefined) return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error.message));
  }
}
