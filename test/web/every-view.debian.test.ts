import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Page } from '../support/chromium-browser.js';
import { makeInspectorFiles } from '../support/inspector-files.js';
import {
  chooseInInspector,
  listOverlaps,
  measureOverflow,
  openInspector,
  readSection,
  sectionOf,
  waitForFiles,
} from '../support/inspector-page.js';

/** Where the pictures of all views are kept, for people to look at. */
const PICTURES = 'build/inspector-pictures';

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

/** The layout of each view at 380, 1280 and 3840 pixels. */
const [NO_TABLE, TABLES] = [
  ['', '', ''],
  ['block', 'table', 'table'],
];
const LAYOUTS = {
  'Crash: vmcore': NO_TABLE,
  'Log: dmesg.txt': NO_TABLE,
  'Signature: vmlinuz': TABLES,
  'Plan: vmlinuz': ['block, kexec-map narrow', 'table, kexec-map wide', 'table, kexec-map wide'],
  'Machine: server.json': ['block, kexec-map narrow', 'table, kexec-map wide', 'table, kexec-map wide'],
  vmlinuz: ['block, 8 bytes in a row', 'table, 16 bytes in a row', 'table, 16 bytes in a row'],
  'shim.efi': TABLES,
  'server.json': NO_TABLE,
  'initrd.img': TABLES,
  unknown: NO_TABLE,
};

/** Their headings, which are the names of their pictures, too. */
const VIEWS = Object.keys(LAYOUTS);

/** Opens every view, the bytes of a file among them. */
async function openEveryView(): Promise<Page> {
  const { kernel, keys, machine, initrd, vmcore, log, unknown } = makeInspectorFiles();
  const page = await openInspector();
  await chooseInInspector(page, [kernel, keys, machine, initrd, vmcore, log, unknown]);
  await page.click(
    `[...${sectionOf('vmlinuz')}.querySelectorAll('button')].find(({ textContent }) => textContent === 'Show bytes')`,
  );
  await waitForFiles(page, 7);
  return page;
}

async function setScheme(page: Page, value: 'light' | 'dark'): Promise<void> {
  const features = [{ name: 'prefers-color-scheme', value }];
  await page.send('Emulation.setEmulatedMedia', { features });
}

/** Runs axe-core with all its rules. */
async function expectAccessible(page: Page, message: string): Promise<void> {
  const { found, passed } = await page.evaluate<{ found: string[]; passed: number }>(`(async () => {
    const { violations, passes } = await axe.run(document, { resultTypes: ['violations'] });
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => [id, target, failureSummary].join(' ')));
    return { found, passed: passes.length };
  })()`);
  expect(found, message).toEqual([]);
  expect(passed).toBeGreaterThan(20);
}

/** How a view is laid out, in words that do not depend on fonts: its tables, the picture of memory, bytes in a row. */
function describeLayout(page: Page, heading: string): Promise<string> {
  return page.evaluate(`(() => {
    const section = ${sectionOf(heading)};
    const tables = [...section.querySelectorAll('table')].map((table) => getComputedStyle(table).display);
    const pictures = [...section.querySelectorAll('.map svg')].map((picture) => picture.getAttribute('class'));
    const rows = [...section.querySelectorAll('.hex pre')].map(({ textContent }) =>
      textContent.slice(10).split('  ')[0].split(' ').length + ' bytes in a row');
    return [...new Set([...tables, ...pictures, ...rows])].join(', ');
  })()`);
}

async function takePicture(page: Page, heading: string, name: string): Promise<void> {
  const clip = await page.evaluate<object>(`(() => {
    const { x, y, width, height } = ${sectionOf(heading)}.getBoundingClientRect();
    return { x: x + scrollX, y: y + scrollY, width, height: Math.min(height, 8000), scale: 1 };
  })()`);
  const { data } = await page.send('Page.captureScreenshot', { clip, captureBeyondViewport: true });
  const file = `${heading.replaceAll(/\W+/g, '-').toLowerCase()}-${name}.png`;
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(join(PICTURES, file), Buffer.from(data, 'base64'));
}

it('every view fits three widths, light and dark, and axe-core finds nothing', async () => {
  const page = await openEveryView();
  await page.evaluate(AXE);
  const layouts: Record<string, string[]> = {};
  for (const width of [380, 1280, 3840]) {
    await page.setWidth(width);
    const isNarrow = width < 640;
    await vi.waitUntil(() =>
      page.evaluate(
        `document.querySelector('.map svg').classList.contains('${isNarrow ? 'narrow' : 'wide'}')`,
      ),
    );
    await waitForFiles(page, 7);
    expect(await measureOverflow(page)).toEqual({ scroll: 0, wide: [] });
    expect(await listOverlaps(page)).toEqual([]);
    for (const heading of VIEWS)
      layouts[heading] = [...(layouts[heading] ?? []), await describeLayout(page, heading)];
    for (const scheme of ['light', 'dark'] as const) {
      await setScheme(page, scheme);
      // At 3840 pixels, the page has no other elements or colours than at 1280.
      if (width < 3840) await expectAccessible(page, `${width} ${scheme}`);
      if (scheme === 'light' || width === 1280)
        for (const heading of VIEWS) await takePicture(page, heading, `${width}-${scheme}`);
    }
  }
  expect(layouts).toEqual(LAYOUTS);
  expect(page.complaints).toEqual([]);
  expect(new Set(page.requests.map((url) => new URL(url).protocol))).toEqual(new Set(['file:', 'blob:']));
});

it('the views of several machines fit, too, and axe-core finds nothing', async () => {
  const { kernel, machine, path } = makeInspectorFiles();
  const recorded = JSON.parse(readFileSync(machine, 'utf8'));
  const machines = ['first', 'second', 'third'].map((name) => path(`${name}.json`));
  for (const file of machines) writeFileSync(file, JSON.stringify({ ...recorded, name: basename(file) }));
  const page = await openInspector();
  await chooseInInspector(page, [kernel, ...machines]);
  const headings = await page.evaluate<string>(
    "[...document.querySelectorAll('h2')].map((one) => one.textContent).join()",
  );
  expect(headings).toMatch(/^Preflight: vmlinuz,Comparison: machines,.*Machine: third.json/);
  await page.evaluate(AXE);
  for (const [width, scheme] of [
    [380, 'light'],
    [1280, 'dark'],
  ] as const) {
    await page.setWidth(width);
    await setScheme(page, scheme);
    await waitForFiles(page, 4);
    expect(await measureOverflow(page)).toEqual({ scroll: 0, wide: [] });
    await expectAccessible(page, `${width} ${scheme}`);
  }
  expect(page.complaints).toEqual([]);
});

it('every part of every view is reached by Tab, shows the focus, and works by keys', async () => {
  const page = await openEveryView();
  const count = await page.evaluate<number>(`(() => {
    const parts = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
      .filter((element) => !element.disabled && element.checkVisibility());
    for (const [index, part] of parts.entries()) part.dataset.stop = index;
    return parts.length;
  })()`);
  expect(count).toBeGreaterThan(60);
  const stops: number[] = [];
  const unmarked: string[] = [];
  await page.evaluate("document.querySelector('#files').focus({ focusVisible: true })");
  for (let index = 0; index < count; index += 1) {
    if (index > 0) await page.press('Tab');
    const { stop, name, outline } = await page.evaluate<{
      stop: string;
      name: string;
      outline: string;
    }>(`(() => {
      const { activeElement: element } = document;
      return { stop: element.dataset.stop, name: element.outerHTML.slice(0, 80), outline: getComputedStyle(element).outlineStyle };
    })()`);
    stops.push(Number(stop));
    if (outline === 'none') unmarked.push(name);
  }
  expect(stops).toEqual(stops.map((_, index) => index));
  expect(unmarked).toEqual([]);

  const focus = (element: string) => page.evaluate(`${element}.focus()`);
  const find = (heading: string, text: string): string =>
    `[...${sectionOf(heading)}.querySelectorAll('button, summary')].find(({ textContent }) => textContent.startsWith('${text}'))`;
  await focus(find('vmlinuz', 'Close'));
  await page.press('Enter');
  await vi.waitUntil(() => page.evaluate("document.querySelector('.hex') === null"));
  await focus(find('vmlinuz', 'certificates'));
  await page.press('Enter');
  await vi.waitUntil(() => page.evaluate(`!${find('vmlinuz', 'certificates')}.parentElement.open`));
  await focus("document.querySelector('input[type=checkbox]')");
  await page.press(' ');
  await vi.waitUntil(async () => (await readSection(page, 'Plan: vmlinuz')).includes(' --panic'));
  await focus(find('initrd.img', 'Remove'));
  await page.press('Enter');
  await waitForFiles(page, 6);
});
