/** Opens pages in Chromium, for a test. */
import { onTestFinished } from 'vitest';
import { type Page, startChromium } from './chromium-browser.js';

/**
 * Opens a page in a new browser, which is closed at the end of the test.
 *
 * @param address - the path of a file, or a URL
 * @param options - `width` of the page, in pixels
 */
export async function openInChromium(address: string, { scripts = true, width = 1400 } = {}): Promise<Page> {
  const { page, close } = startChromium();
  onTestFinished(close);
  await page.open(address, { scripts, width });
  return page;
}
