/** Chromium, and what a user sees in it: pages, console messages, and requests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Connection } from './chromium-connection.js';
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

/** A running browser. */
export interface Chromium {
  readonly process: ChildProcess;
  /** A page to open, which shares no storage with the others. */
  newPage(): Page;
  /** Ends the browser, and its pages. */
  close(): Promise<void>;
}

/** Starts a browser without a page. */
export function startChromium(): Chromium {
  const profile = mkdtempSync(join(tmpdir(), 'kexec-file-chromium-'));
  const browser = spawn('chromium', [...OPTIONS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const connection = new Connection(browser);
  return {
    process: browser,
    newPage: () => new Page(connection),
    async close() {
      await end(browser);
      // A process of the browser may write to the folder meanwhile, for a second or so.
      rmSync(profile, { recursive: true, force: true, maxRetries: 600, retryDelay: 100 });
    },
  };
}

/** Ends all processes of a browser, which are one process group. */
async function end(browser: ChildProcess): Promise<void> {
  if (browser.pid === undefined || browser.exitCode !== null) return;
  const ended = new Promise((resolve) => browser.once('exit', resolve));
  process.kill(-browser.pid, 'SIGKILL');
  await ended;
}

/** A page, in a browser context of its own: without the storage of other pages, as a private window. */
export class Page implements DrivenPage {
  /** Errors, warnings, and violations of the page's content policy on the console. */
  readonly complaints: string[] = [];
  /** Every requested URL, that of the page first. */
  readonly requests: string[] = [];
  readonly #connection: Connection;
  #context: string | undefined;
  #session: string | undefined;
  #loaded = (): void => {};

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @param address - the path of a file, or a URL */
  async open(address: string, { scripts, width }: { scripts: boolean; width: number }): Promise<void> {
    const url = address.startsWith('http:') ? address : pathToFileURL(address).href;
    const { browserContextId } = await this.#connection.send('Target.createBrowserContext');
    this.#context = browserContextId;
    const target = { url: 'about:blank', browserContextId };
    const { targetId } = await this.#connection.send('Target.createTarget', target);
    const { sessionId } = await this.#connection.send('Target.attachToTarget', { targetId, flatten: true });
    this.#session = sessionId;
    this.#connection.listen(sessionId, (method, params) => this.#take(method, params));
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'DOM']) await this.send(`${domain}.enable`);
    await this.send('Emulation.setScriptExecutionDisabled', { value: !scripts });
    await this.setWidth(width);
    const loaded = new Promise<void>((resolve) => {
      this.#loaded = resolve;
    });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** Ends the page, and forgets its storage. */
  async close(): Promise<void> {
    if (this.#context === undefined) return;
    await this.#connection.send('Target.disposeBrowserContext', { browserContextId: this.#context });
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
    return this.#connection.send(method, params, this.#session);
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above.
  #take(method: string, params: any): void {
    if (method === 'Page.loadEventFired') this.#loaded();
    if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
    if (method === 'Runtime.exceptionThrown') this.complaints.push(params.exceptionDetails.text);
    if (method === 'Runtime.consoleAPICalled') this.complaints.push(JSON.stringify(params.args));
    if (method === 'Log.entryAdded') this.complaints.push(params.entry.text);
  }
}
