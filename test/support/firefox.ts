/** Opens pages in Firefox, by Marionette: the protocol by which geckodriver drives it, JSON messages over TCP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import type { DrivenPage } from './driven-page.js';

/** Any free port, and no connections of the browser's own. */
const PREFERENCES = {
  'marionette.port': 0,
  'app.update.disabledForTesting': true,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

/** The key of an element's reference: WebDriver, section "Elements". */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/**
 * Opens a page in a new Firefox, which is closed at the end of the test.
 *
 * @param address - the path of a file, or a URL
 */
export async function openInFirefox(address: string): Promise<FirefoxPage> {
  const profile = mkdtempSync(join(tmpdir(), 'kexec-file-firefox-'));
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const browser = spawn('firefox-esr', ['--headless', '--marionette', '--no-remote', '--profile', profile], {
    stdio: 'ignore',
    detached: true,
  });
  onTestFinished(async () => {
    await end(browser);
    rmSync(profile, { recursive: true, force: true, maxRetries: 100, retryDelay: 100 });
  });
  const portFile = join(profile, 'MarionetteActivePort');
  await vi.waitUntil(() => existsSync(portFile) && readFileSync(portFile, 'utf8') !== '', {
    timeout: 100_000,
  });
  const socket = connect(Number(readFileSync(portFile, 'utf8')), '127.0.0.1');
  await once(socket, 'connect');
  const page = new FirefoxPage(socket);
  await page.open(address.startsWith('http:') ? address : pathToFileURL(resolve(address)).href);
  return page;
}

async function end(browser: ChildProcess): Promise<void> {
  if (browser.pid === undefined || browser.exitCode !== null) return;
  const ended = once(browser, 'exit');
  process.kill(-browser.pid, 'SIGKILL');
  await ended;
}

type Answer = readonly [type: 1, id: number, error: { readonly message: string } | null, result: unknown];

/** A page in Firefox. */
export class FirefoxPage implements DrivenPage {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;
  #rest = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      this.#takeMessages();
    });
    // The browser is ended while the connection is open.
    socket.on('error', () => {});
  }

  async open(url: string): Promise<void> {
    await this.#send('WebDriver:NewSession', { capabilities: {} });
    await this.#send('WebDriver:SetTimeouts', { script: 100_000, pageLoad: 100_000 });
    await this.#send('WebDriver:Navigate', { url });
    await this.evaluate(`(window.complaints = [],
      document.addEventListener('securitypolicyviolation', ({ blockedURI }) => complaints.push(blockedURI)),
      addEventListener('error', ({ message }) => complaints.push(message)), 0)`);
  }

  async evaluate<Value>(expression: string): Promise<Value> {
    const script = `return (${expression})`;
    const { value } = (await this.#send('WebDriver:ExecuteScript', { script, args: [] })) as { value: Value };
    return value;
  }

  async chooseFiles(selector: string, paths: readonly string[]): Promise<void> {
    const found = await this.#send('WebDriver:FindElement', { using: 'css selector', value: selector });
    const { value } = found as { value: Record<string, string> };
    const text = paths.map((path) => resolve(path)).join('\n');
    await this.#send('WebDriver:ElementSendKeys', { id: value[ELEMENT], text });
  }

  /** Errors, and violations of the page's content policy. */
  complaints(): Promise<string[]> {
    return this.evaluate('complaints');
  }

  async #send(command: string, parameters: object): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const message = JSON.stringify([0, id, command, parameters]);
    const answer = new Promise<Answer>((settle) => this.#waiting.set(id, settle));
    this.#socket.write(`${Buffer.byteLength(message)}:${message}`);
    const [, , error, result] = await answer;
    if (error !== null) throw new Error(`${command}: ${error.message}`);
    return result;
  }

  /** Each message begins with its length in bytes and a colon; the first one, which greets, is no answer. */
  #takeMessages(): void {
    for (let colon = this.#rest.indexOf(':'); colon > 0; colon = this.#rest.indexOf(':')) {
      const end = colon + 1 + Number(this.#rest.subarray(0, colon).toString());
      if (this.#rest.length < end) return;
      const message = JSON.parse(this.#rest.subarray(colon + 1, end).toString()) as Answer | object;
      this.#rest = this.#rest.subarray(end);
      if (Array.isArray(message)) this.#waiting.get(message[1])?.(message as unknown as Answer);
    }
  }
}
