import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type FirefoxPage, openInFirefox } from '../support/firefox.js';
import { makeInspectorFiles } from '../support/inspector-files.js';
import {
  chooseInInspector,
  INSPECTOR,
  readSaved,
  readSection,
  waitForFiles,
} from '../support/inspector-page.js';
import { runForReport } from '../support/run-for-report.js';
import { startUi } from '../support/running-ui.js';

const HOSTILE = '<img src=x onerror=alert(1)>';

/** A kernel, a machine, a dump, and a file whose name and contents are markup. */
function makeFiles() {
  const { kernel, machine, vmcore, log, path } = makeInspectorFiles();
  const hostile = path(HOSTILE);
  writeFileSync(hostile, `# ${HOSTILE} Kernel Configuration\nCONFIG_KEXEC=y\nCONFIG_LSM="${HOSTILE}"\n`);
  return { kernel, machine, vmcore, log, paths: [kernel, machine, vmcore, hostile] };
}

/**
 * Compares views with what the commands print, and what page and worker loaded with what they may.
 *
 * @param own - the beginnings of addresses that they may load
 */
async function expectViews(
  page: FirefoxPage,
  files: ReturnType<typeof makeFiles>,
  ...own: readonly string[]
) {
  const { kernel, machine, log } = files;
  expect(await readSaved(page, 'Plan: vmlinuz')).toEqual(runForReport('plan', kernel, '--machine', machine));
  const shown = await page.evaluate<string>("document.querySelector('textarea').value");
  expect(`${shown}\n`).toBe(readFileSync(log, 'utf8'));
  expect(await readSection(page, HOSTILE)).toContain(HOSTILE);
  expect(await page.evaluate("document.querySelectorAll('img').length")).toBe(0);
  expect(await page.complaints()).toEqual([]);
  const loaded = await page.evaluate<string[]>(
    "performance.getEntriesByType('resource').map((one) => one.name)",
  );
  expect(loaded.filter((address) => !own.some((start) => address.startsWith(start)))).toEqual([]);
}

it('plans, reads a dump, and keeps texts text in Firefox, too, from the file of the page', async () => {
  const files = makeFiles();
  const page = await openInFirefox(INSPECTOR);
  await chooseInInspector(page, files.paths);
  await expectViews(page, files, 'blob:');
});

it('so it does from kexec-file ui, and connects to nothing else', async () => {
  const files = makeFiles();
  const { url } = await startUi(['--no-open', ...files.paths]);
  const page = await openInFirefox(url);
  await waitForFiles(page, files.paths.length);
  await expectViews(page, files, url, `blob:${new URL(url).origin}/`);
  await page.evaluate("fetch(location.origin + '/').catch(() => {})");
  expect(await page.complaints()).toHaveLength(1);
});
