/** Opens pages in Chromium, for tests. */
import { afterAll, onTestFinished } from 'vitest';
import { type Chromium, type Page, startChromium } from './chromium-browser.js';

/** The browser of a test file: to start one takes a CPU for seconds. */
let chromium: Chromium | undefined;
afterAll(() => chromium?.close());

/**
 * Opens a page, which is closed at the end of the test.
 *
 * @param address - the path of a file, or a URL
 * @param options - `width` of the page, in pixels
 */
export async function openInChromium(address: string, { scripts = true, width = 1400 } = {}): Promise<Page> {
  chromium ??= startChromium();
  const page = chromium.newPage();
  onTestFinished(() => page.close());
  await page.open(address, { scripts, width });
  return page;
}
