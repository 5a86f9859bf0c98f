import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Page } from '../support/chromium-browser.js';
import { runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
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
import { findX86Recording } from '../support/x86-machine.js';

/** Where the pictures of all views are kept, for people to look at. */
const PICTURES = 'build/inspector-pictures';

/** Milliseconds, of which a busy machine may take many: axe-core checks every element at each width. */
const PATIENCE = 600_000;

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

/** The layout of each view at 380, 1280 and 3840 pixels. */
type Layouts = Readonly<Record<string, readonly string[]>>;

const [NO_TABLE, TABLES, MAP] = [
  ['', '', ''],
  ['block', 'table', 'table'],
  ['block, kexec-map narrow', 'table, kexec-map wide', 'table, kexec-map wide'],
];

/** Those of {@link openEveryView}. Their headings are the names of their pictures, too. */
const LAYOUTS: Layouts = {
  'Crash: vmcore': NO_TABLE,
  'Log: dmesg.txt': NO_TABLE,
  'Signature: vmlinuz': TABLES,
  'Plan: vmlinuz': MAP,
  'Machine: server.json': MAP,
  vmlinuz: ['block, 8 bytes in a row', 'table, 16 bytes in a row', 'table, 16 bytes in a row'],
  'shim.efi': TABLES,
  'server.json': NO_TABLE,
  'initrd.img': TABLES,
  unknown: NO_TABLE,
};

/** Those of {@link openFleetViews}. */
const FLEET_LAYOUTS: Layouts = {
  'Preflight: vmlinuz': ['block, 2 columns', 'table, 5 columns', 'table, 5 columns'],
  'Comparison: vmlinuz, next': TABLES,
  'Comparison: machines': TABLES,
  'Comparison: a.dtb, b.dtb': TABLES,
  'Machine: pc.json': MAP,
};

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

/** Opens the views of several files of a role: three machines, two kernels, two device trees. */
async function openFleetViews(): Promise<Page> {
  const { kernel, machine, path } = makeInspectorFiles();
  const recorded = JSON.parse(readFileSync(machine, 'utf8'));
  writeFileSync(path('edge.json'), JSON.stringify({ ...recorded, name: 'edge', kexecSignature: 'force' }));
  const pc = ['machine', 'record', '--from', findX86Recording('x86-64-ovmf')];
  writeFileSync(path('pc.json'), runCli(...pc, '--json').stdout);
  copyFileSync(corpus.kernel('standard-6.1'), path('next'));
  const [tree = '', other = ''] = corpus.deviceTrees();
  copyFileSync(tree, path('a.dtb'));
  copyFileSync(other, path('b.dtb'));
  const page = await openInspector();
  const others = ['next', 'edge.json', 'pc.json', 'a.dtb', 'b.dtb'].map(path);
  await chooseInInspector(page, [kernel, machine, ...others]);
  await page.click('document.querySelector(\'button[aria-label="Show Machine: pc.json"]\')');
  await waitForFiles(page, 7);
  return page;
}

async function setScheme(page: Page, value: 'light' | 'dark'): Promise<void> {
  const features = [{ name: 'prefers-color-scheme', value }];
  await page.send('Emulation.setEmulatedMedia', { features });
}

/** Runs axe-core with all its rules. @param without - a selector of what it leaves out */
async function expectAccessible(page: Page, message: string, without: string): Promise<void> {
  const { found, passed } = await page.evaluate<{ found: string[]; passed: number }>(`(async () => {
    const { violations, passes } = await axe.run({ exclude: ['${without}'] }, { resultTypes: ['violations'] });
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => [id, target, failureSummary].join(' ')));
    return { found, passed: passes.length };
  })()`);
  expect(found, message).toEqual([]);
  expect(passed).toBeGreaterThan(20);
}

/**
 * How a view is laid out, in words that do not depend on fonts: its tables, the columns of a fleet's, the picture of memory, bytes
 * in a row.
 */
function describeLayout(page: Page, heading: string): Promise<string> {
  return page.evaluate(`(() => {
    const section = ${sectionOf(heading)};
    const displayOf = (element) => getComputedStyle(element).display;
    const tables = [...section.querySelectorAll('table:not(.windowed *)')].map(displayOf);
    const columns = [...section.querySelectorAll('.windowed thead tr')].map(({ cells }) =>
      [...cells].filter((cell) => displayOf(cell) !== 'none').length + ' columns');
    const pictures = [...section.querySelectorAll('.map svg')].map((picture) => picture.getAttribute('class'));
    const rows = [...section.querySelectorAll('.hex pre')].map(({ textContent }) =>
      textContent.slice(10).split('  ')[0].split(' ').length + ' bytes in a row');
    return [...new Set([...tables, ...columns, ...pictures, ...rows])].join(', ');
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

/** Compares the layouts of views at three widths, with pictures of each in light and dark, and runs axe-core on the page. */
async function expectLayouts(page: Page, expected: Layouts, withoutAxe = 'none'): Promise<void> {
  await page.evaluate(AXE);
  const headings = Object.keys(expected);
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
    for (const heading of headings)
      layouts[heading] = [...(layouts[heading] ?? []), await describeLayout(page, heading)];
    for (const scheme of ['light', 'dark'] as const) {
      await setScheme(page, scheme);
      // The colours are the same at each width, and at 3840 pixels the elements are those of 1280.
      if (scheme === 'dark' && width !== 1280) continue;
      if (width < 3840) await expectAccessible(page, `${width} ${scheme}`, withoutAxe);
      for (const heading of headings) await takePicture(page, heading, `${width}-${scheme}`);
    }
  }
  expect(layouts).toEqual(expected);
  expect(page.complaints).toEqual([]);
  expect(new Set(page.requests.map((url) => new URL(url).protocol))).toEqual(new Set(['file:', 'blob:']));
}

it('every view fits three widths, light and dark, and axe-core finds nothing', {
  timeout: PATIENCE,
}, async () => {
  await expectLayouts(await openEveryView(), LAYOUTS);
});

it('so do the views of several machines, kernels and device trees', { timeout: PATIENCE }, async () => {
  // The sections of files are those of the other page.
  await expectLayouts(await openFleetViews(), FLEET_LAYOUTS, 'section.file');
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
