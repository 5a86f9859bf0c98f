import { expect, it, vi } from 'vitest';
import { listCaseFiles } from '../support/case-files.js';
import { makeInspectorFiles } from '../support/inspector-files.js';
import { chooseInInspector, countFiles, openInspector, readSection } from '../support/inspector-page.js';

it('every view of every file that once got a wrong answer leaves the page alive', async () => {
  const paths = listCaseFiles();
  const page = await openInspector();
  await chooseInInspector(page, paths);
  const shown = await page.evaluate<number>(`(() => {
    const buttons = [...document.querySelectorAll('section.view > header > button')];
    for (const button of buttons) button.click();
    return buttons.length;
  })()`);
  expect(shown).toBeGreaterThan(30);
  const isIdle = () => page.evaluate<boolean>(`document.querySelector('[aria-busy="true"]') === null`);
  await vi.waitUntil(isIdle, { timeout: 500_000, interval: 500 });

  const faults = `[...document.querySelectorAll('[role=alert]')].map(({ innerText }) => innerText)
    .filter((text) => text.startsWith('The inspector failed'))`;
  expect(await page.evaluate(faults)).toEqual([]);
  expect(await page.evaluate("document.querySelectorAll('main script, img, iframe, object').length")).toBe(0);
  const { unknown } = makeInspectorFiles();
  await chooseInInspector(page, [unknown]);
  expect(await countFiles(page)).toBe(paths.length + 1);
  expect(await readSection(page, 'unknown')).toContain('ENOEXEC (file-kind)');
  expect(page.complaints).toEqual([]);
}, 600_000);
