/** The inspector in a browser, as a user sees it. */
import { vi } from 'vitest';
import { openInChromium } from './chromium.js';
import type { Page } from './chromium-browser.js';
import type { DrivenPage } from './driven-page.js';

/** What `npm run build` makes. */
export const INSPECTOR = 'dist/inspector.html';

/** Opens the inspector, from its file unless an address is given. */
export function openInspector({ address = INSPECTOR, width = 1200 } = {}): Promise<Page> {
  return openInChromium(address, { width });
}

/** Chooses files, and waits until everything about the files on the page is shown. */
export async function chooseInInspector(page: DrivenPage, paths: readonly string[]): Promise<void> {
  const before = await countFiles(page);
  await page.chooseFiles('#files', paths);
  await waitForFiles(page, before + paths.length);
}

/** Waits until so many files are on the page, and everything about them is shown. */
export async function waitForFiles(page: DrivenPage, count: number): Promise<void> {
  await vi.waitUntil(async () => (await countFiles(page)) === count, { timeout: 60_000 });
  const isIdle = () => page.evaluate<boolean>(`document.querySelector('[aria-busy="true"]') === null`);
  await vi.waitUntil(isIdle, { timeout: 60_000 });
}

export function countFiles(page: DrivenPage): Promise<number> {
  return page.evaluate("document.querySelectorAll('section.file').length");
}

/** The section of a file or a view, as an expression. @param heading - its text */
export function sectionOf(heading: string): string {
  return `[...document.querySelectorAll('section')].find((section) => section.querySelector('h2')?.textContent === ${JSON.stringify(heading)})`;
}

/** The text of a section, as it is shown. */
export function readSection(page: DrivenPage, heading: string): Promise<string> {
  return page.evaluate(`${sectionOf(heading)}.innerText`);
}

/** The JSON that a section saves. */
export async function readSaved(page: DrivenPage, heading: string): Promise<unknown> {
  return JSON.parse(await readSavedText(page, heading, 'Save as JSON'));
}

/** The text that a section saves. @param label - of the button */
export function readSavedText(page: DrivenPage, heading: string, label: string): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const { createObjectURL } = URL;
    let saved;
    URL.createObjectURL = (blob) => { saved = blob; return createObjectURL(new Blob([])); };
    HTMLAnchorElement.prototype.click = () => {};
    [...${sectionOf(heading)}.querySelectorAll('button')].find(({ textContent }) => textContent === ${JSON.stringify(label)}).click();
    URL.createObjectURL = createObjectURL;
    return saved.text();
  })()`);
}

/** How much hangs over the right edge, and the elements that do. */
export function measureOverflow(page: Page): Promise<{ readonly scroll: number; readonly wide: string[] }> {
  return page.evaluate(`(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll('body *')].filter((element) => {
      const { right, width: own } = element.getBoundingClientRect();
      return own > 0 && right > width + 1 && element.closest('svg.definitions, thead') === null;
    });
    return {
      scroll: document.documentElement.scrollWidth - width,
      wide: wide.map(({ tagName, className }) => tagName + '.' + (className.baseVal ?? className)),
    };
  })()`);
}

/** Texts that lie over each other: pairs of them. Of what scrolls by itself, nothing is compared. */
export function listOverlaps(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const boxes = [];
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const { parentElement } = node;
      if (node.data.trim() === '' || !parentElement.checkVisibility() || parentElement.closest('.hex, .windowed, script, desc, title, option, thead')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const { left, right, top, bottom } of range.getClientRects())
        if (right - left > 1 && bottom - top > 1) boxes.push({ text: node.data.trim().slice(0, 40), left, right, top, bottom });
    }
    boxes.sort((a, b) => a.top - b.top);
    const pairs = [];
    // Lines touch, and letters hang over their boxes.
    const slack = 3;
    for (const [index, box] of boxes.entries())
      for (let next = index + 1; next < boxes.length && boxes[next].top < box.bottom - slack; next += 1) {
        const other = boxes[next];
        if (other.left < box.right - slack && box.left < other.right - slack) pairs.push(box.text + ' / ' + other.text);
      }
    return pairs;
  })()`);
}
