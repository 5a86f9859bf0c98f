import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Page } from '../support/chromium-browser.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { writeFleet } from '../support/fleet.js';
import { openInspector, readSavedText, readSection, sectionOf } from '../support/inspector-page.js';
import { parseReports } from '../support/json-reports.js';
import { writeShapeFleet } from '../support/shape-fleet.js';

const kernel = corpus.cloudKernel();
const heading = `Preflight: ${basename(kernel)}`;

/** A folder for fleet files, and one of 20 machines in it. */
function makeFleet() {
  const folder = makeTemporaryFolder();
  const path = (name: string): string => join(folder, name);
  writeFleet(path('machines'), 20);
  runCli('machine', 'pack', path('machines'), '-o', path('fleet.ndjson'));
  return { folder, path, text: readFileSync(path('fleet.ndjson'), 'utf8') };
}

/** Waits until the kernel is planned on all machines. */
async function waitForRows(page: Page): Promise<void> {
  const isDone = () => page.evaluate<boolean>(`${sectionOf(heading)}?.ariaBusy === 'false'`);
  await vi.waitUntil(isDone, { timeout: 120_000, interval: 200 });
}

/** Opens the page with a kernel and fleet files, and checks that its lines are those of the command. */
async function expectSameRows(folder: string, files: readonly string[]): Promise<Page> {
  const page = await openInspector();
  await page.drop([kernel, ...files.map((file) => join(folder, file))]);
  await waitForRows(page);
  await expectPrinted(page, folder, files);
  return page;
}

async function expectPrinted(page: Page, folder: string, files: readonly string[]): Promise<void> {
  const paths = files.map((file) => join(folder, file));
  const printed = runCli('preflight', kernel, ...paths, '--json').stdout.replaceAll(kernel, basename(kernel));
  const saved = await readSavedText(page, heading, 'Save as JSON lines');
  // The machines of a fleet file have the paths that they were packed from.
  const strip = (text: string) => parseReports(text.replaceAll(`${folder}/`, ''));
  expect(strip(saved)).toEqual(strip(printed));
  expect(page.complaints).toEqual([]);
}

/** A frame of zstd whose header says that it has so many bytes, and whose contents are 128 KiB of zeros. RFC 8878, section 3.1. */
function buildFrame(size: number): Buffer {
  const contentSize = Buffer.alloc(4);
  contentSize.writeUInt32LE(size);
  const runBlock = Buffer.alloc(3);
  runBlock.writeUIntLE(1 | (1 << 1) | (0x20000 << 3), 0, 3);
  return Buffer.concat([Buffer.from('28b52ffda0', 'hex'), contentSize, runBlock, Buffer.alloc(1)]);
}

describe('the inspector, with fleet files', () => {
  it('has the rows of preflight', async () => {
    const { folder, path, text } = makeFleet();
    runCli('machine', 'pack', path('machines'), '-o', path('fleet.ndjson.zst'));
    const files = readdirSync(path('machines')).map((name) =>
      readFileSync(join(path('machines'), name), 'utf8'),
    );
    const lines = files.map((file) => JSON.stringify(JSON.parse(file)));
    writeFileSync(path('lines.ndjson'), [...lines, '{ "name": "none" }', text].join('\n'));
    const page = await expectSameRows(folder, ['fleet.ndjson.zst', 'lines.ndjson']);
    expect(await readSection(page, heading)).toContain(
      `preflight ${basename(kernel)} fleet.ndjson.zst lines.ndjson`,
    );
    expect(await readSection(page, 'fleet.ndjson.zst')).toContain('machines, one a line');
  });

  it('goes on after a cancelled reading where it was', async () => {
    const folder = makeTemporaryFolder();
    await writeShapeFleet(join(folder, 'large.ndjson.zst'), 4000, 100);
    const page = await openInspector();
    // The page itself cancels at the first rows: by the time that they are seen from here, all may be there.
    await page.evaluate(`window.cancelled = new Promise((resolve) => {
      new MutationObserver((_, observer) => {
        const cancel = document.querySelector('button[aria-label=${JSON.stringify(`Cancel ${heading}`)}]');
        if (cancel === null || document.querySelector('.windowed tbody tr') === null) return;
        observer.disconnect();
        cancel.click();
        resolve();
      }).observe(document.body, { childList: true, subtree: true });
    }); 0`);
    await page.drop([kernel, join(folder, 'large.ndjson.zst')]);
    await page.evaluate('window.cancelled');
    await vi.waitUntil(() =>
      page.evaluate<boolean>(`${sectionOf(heading)}.textContent.includes('Cancelled')`),
    );
    await page.click(
      `[...${sectionOf(heading)}.querySelectorAll('button')].find(({ textContent }) => textContent === 'Start again')`,
    );
    await waitForRows(page);
    await expectPrinted(page, folder, ['large.ndjson.zst']);
  });

  it('says in place what is wrong with one, as preflight does', async () => {
    const { folder, path, text } = makeFleet();
    runCli('machine', 'pack', path('machines'), '-o', path('whole.ndjson.zst'));
    const packed = readFileSync(path('whole.ndjson.zst'));
    const hostile: Readonly<Record<string, string | Uint8Array>> = {
      'cut.ndjson': text.slice(0, Math.floor(text.length / 2)),
      'digest.ndjson': text.replace('"value":', '"value": '),
      'markup.ndjson': `{"kexecFileFleet":1}\n{"file":"<img src=x onerror=alert(1)>"}\n`,
      'cut.ndjson.zst': packed.subarray(0, packed.length / 2),
      'flipped.ndjson.zst': packed.map((byte, at) => (at === 3000 ? byte ^ 0xff : byte)),
      'bomb.ndjson.zst': buildFrame(1 << 30),
      'liar.ndjson.zst': buildFrame(1000),
    };
    for (const [name, contents] of Object.entries(hostile)) writeFileSync(path(name), contents);
    const page = await expectSameRows(folder, Object.keys(hostile));
    expect(await readSection(page, heading)).toMatch(/EBADMSG \(fleet-file\)[\s\S]*EFBIG \(fleet-file\)/);
    expect(await page.evaluate("document.querySelectorAll('img').length")).toBe(0);
  });

  it('does not read one that is packed with gzip', async () => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'a.ndjson.gz'), Buffer.from('1f8b0800', 'hex'));
    const page = await openInspector();
    await page.drop([kernel, join(folder, 'a.ndjson.gz')]);
    await waitForRows(page);
    expect(await readSection(page, heading)).toMatch(/1 machine: [\s\S]*EINVAL \(fleet-file\)/);
  });
});
