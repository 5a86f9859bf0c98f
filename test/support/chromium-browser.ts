/** Chromium, and what a user sees in it: pages, console messages, and requests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { DrivenPage } from './driven-page.js';

/** Only the page: no user profile, no background services. */
const OPTIONS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

interface Message {
  readonly id?: number;
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the type depends on the protocol's method.
  readonly params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly result?: any;
  readonly error?: { readonly message: string };
}

/** Starts a browser with a page to open. @returns the page, the browser's process, and what ends both */
export function startChromium(): { page: Page; browser: ChildProcess; close: () => Promise<void> } {
  const profile = mkdtempSync(join(tmpdir(), 'kexec-file-chromium-'));
  const browser = spawn('chromium', [...OPTIONS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const close = async (): Promise<void> => {
    await end(browser);
    // A process of the browser may write to the folder meanwhile, for a second or so.
    rmSync(profile, { recursive: true, force: true, maxRetries: 600, retryDelay: 100 });
  };
  return { page: new Page(browser), browser, close };
}

/** Ends all processes of a browser, which are one process group. */
async function end(browser: ChildProcess): Promise<void> {
  if (browser.pid === undefined || browser.exitCode !== null) return;
  const ended = new Promise((resolve) => browser.once('exit', resolve));
  process.kill(-browser.pid, 'SIGKILL');
  await ended;
}

/** A page, by the Chrome DevTools Protocol over a pipe: JSON messages, each terminated by a NUL. */
export class Page implements DrivenPage {
  /** Errors, warnings, and violations of the page's content policy on the console. */
  readonly complaints: string[] = [];
  /** Every requested URL, that of the page first. */
  readonly requests: string[] = [];
  readonly #input: Writable;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #session: string | undefined;
  #lastId = 0;
  #loaded = (): void => {};

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

  /** @param address - the path of a file, or a URL */
  async open(address: string, { scripts, width }: { scripts: boolean; width: number }): Promise<void> {
    const url = address.startsWith('http:') ? address : pathToFileURL(address).href;
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    this.#session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'DOM']) await this.send(`${domain}.enable`);
    await this.send('Emulation.setScriptExecutionDisabled', { value: !scripts });
    await this.setWidth(width);
    const loaded = new Promise<void>((resolve) => {
      this.#loaded = resolve;
    });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** @param width - of the page, in pixels */
  async setWidth(width: number): Promise<void> {
    const metrics = { width, height: 1000, deviceScaleFactor: 1, mobile: false };
    await this.send('Emulation.setDeviceMetricsOverride', metrics);
  }

  /** As it says, even if the page may not run scripts. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception.description);
    return result.value;
  }

  /** Types into the element of a selector, key by key. */
  async type(selector: string, text: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).select()`);
    await this.send('Input.insertText', { text });
  }

  /** Presses a key that stands for itself, such as Tab, or for a text of one character. */
  async press(key: string): Promise<void> {
    const text = key === 'Enter' ? '\r' : key.length === 1 ? key : undefined;
    for (const type of [text === undefined ? 'rawKeyDown' : 'keyDown', 'keyUp'])
      await this.send('Input.dispatchKeyEvent', { type, key, code: key, text });
  }

  /** Chooses files in a file input, as its dialogue does. */
  async chooseFiles(selector: string, paths: readonly string[]): Promise<void> {
    const { root } = await this.send('DOM.getDocument');
    const { nodeId } = await this.send('DOM.querySelector', { nodeId: root.nodeId, selector });
    await this.send('DOM.setFileInputFiles', { files: paths.map((path) => resolve(path)), nodeId });
  }

  /** Drops files and folders on the page. */
  async drop(paths: readonly string[]): Promise<void> {
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'])
      await this.send('Input.dispatchDragEvent', { type, x: 100, y: 100, data });
  }

  /** Clicks the middle of the element that is the value of an expression. */
  async click(element: string): Promise<void> {
    const { x, y } = await this.evaluate<{ x: number; y: number }>(`(() => {
      const element = ${element};
      element.scrollIntoView({ block: 'center' });
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    const button = { x, y, button: 'left', clickCount: 1 };
    await this.send('Input.dispatchMouseEvent', { ...button, type: 'mousePressed' });
    await this.send('Input.dispatchMouseEvent', { ...button, type: 'mouseReleased' });
  }

  // biome-ignore lint/suspicious/noExplicitAny: the type depends on the protocol's method.
  send(method: string, params: object = {}): Promise<any> {
    this.#lastId += 1;
    const id = this.#lastId;
    const message = { id, method, params, ...(this.#session && { sessionId: this.#session }) };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#input.write(`${JSON.stringify(message)}\0`);
    });
  }

  #take({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error.message));
    }
    if (method === 'Page.loadEventFired') this.#loaded();
    if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
    if (method === 'Runtime.exceptionThrown') this.complaints.push(params.exceptionDetails.text);
    if (method === 'Runtime.consoleAPICalled') this.complaints.push(JSON.stringify(params.args));
    if (method === 'Log.entryAdded') this.complaints.push(params.entry.text);
  }
}
