import { once } from 'node:events';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { addServedFiles } from '../../src/view/inspector-page/inspector-page.js';
import type { Page } from '../support/chromium-browser.js';
import { makeTemporaryFolder } from '../support/cli.js';
import {
  chooseInInspector,
  INSPECTOR,
  openInspector,
  readSection,
  sectionOf,
  waitForFiles,
} from '../support/inspector-page.js';

const MIB = 1 << 20;

/**
 * Serves the inspector with a file that has no end: after its first pieces, which come slowly, the server stops to answer.
 *
 * @returns the address of the page
 */
async function serveEndlessFile(): Promise<string> {
  const server = createServer(async ({ url, headers }, response) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (first === undefined || last === undefined) {
      response.end(url === '/' ? page : '');
      return;
    }
    const start = Number(first);
    if (start >= 64 * MIB) return;
    await new Promise((resolve) => setTimeout(resolve, 150));
    response.writeHead(206).end(Buffer.alloc(Number(last) - start + 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const files = [
    { name: 'endless', size: 100 * MIB, contents: `${address}endless` },
    { name: 'config', size: 0, contents: `${address}config` },
  ];
  const page = addServedFiles(readFileSync(INSPECTOR, 'utf8'), { address, files });
  return address;
}

/** Clicks the button with a name. */
function clickButton(page: Page, label: string): Promise<void> {
  return page.click(`document.querySelector('button[aria-label=${JSON.stringify(label)}]')`);
}

it('shows how far a job is, and cancels it alone', async () => {
  const page = await openInspector({ address: await serveEndlessFile() });
  const fraction = () => page.evaluate<number>("document.querySelector('progress')?.value ?? 0");
  await vi.waitUntil(async () => (await fraction()) > 0.4, { timeout: 60_000 });
  expect(await fraction()).toBeLessThan(1);
  expect(await readSection(page, 'endless')).toContain('reading endless …');
  expect(await readSection(page, 'config')).toContain('Working …');

  await clickButton(page, 'Cancel endless');
  await waitForFiles(page, 2);
  expect(await readSection(page, 'endless')).toContain('Cancelled.');
  expect(await readSection(page, 'config')).toContain('the file is empty');

  await clickButton(page, 'Start again: endless');
  await vi.waitUntil(async () => (await fraction()) > 0.4, { timeout: 60_000 });
  await clickButton(page, 'Remove endless');
  await waitForFiles(page, 1);
  expect(page.complaints).toEqual([]);
});

it('cancels all jobs, running and waiting, in a page from its file', async () => {
  const folder = makeTemporaryFolder();
  const paths = ['first', 'second', 'third'].map((name) => join(folder, name));
  for (const path of paths) {
    writeFileSync(path, '');
    truncateSync(path, 96 * MIB);
  }
  const page = await openInspector();
  await page.evaluate(`new MutationObserver(() => {
    [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Cancel all')?.click();
  }).observe(document.body, { childList: true, subtree: true })`);
  await chooseInInspector(page, paths);
  for (const name of ['first', 'second', 'third'])
    expect(await page.evaluate(`${sectionOf(name)}.innerText`)).toContain('Cancelled.');
  await clickButton(page, 'Start again: second');
  await waitForFiles(page, 3);
  expect(await readSection(page, 'second')).toContain('ENOEXEC (file-kind)');
  expect(page.complaints).toEqual([]);
});
