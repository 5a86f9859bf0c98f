import { truncateSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
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

const TIMEOUT = 300_000;

/** Compares what the page saves with what the command prints, for each view. */
async function expectReports(page: FirefoxPage, files: ReturnType<typeof makeInspectorFiles>): Promise<void> {
  const { kernel, keys, machine, initrd, vmcore, log } = files;
  const trust = ['--keyring', keys] as const;
  const plan = ['plan', kernel, '--machine', machine, '--initrd', initrd, ...trust] as const;
  expect(await readSaved(page, 'Plan: vmlinuz')).toEqual(runForReport(...plan));
  const named = { file: basename(kernel) };
  expect(await readSaved(page, 'Signature: vmlinuz')).toEqual({
    ...runForReport('verify', kernel, ...trust),
    ...named,
  });
  expect(await readSaved(page, 'vmlinuz')).toEqual({ ...runForReport('inspect', kernel), ...named });
  expect(await readSaved(page, 'Log: dmesg.txt')).toEqual(runForReport('explain', '--log', log));
  expect(await readSaved(page, 'Crash: vmcore')).toEqual(runForReport('vmcore', 'info', vmcore));
  expect(await readSection(page, 'unknown')).toContain('ENOEXEC (file-kind)');
}

function listPaths({
  kernel,
  keys,
  machine,
  initrd,
  vmcore,
  log,
  unknown,
}: ReturnType<typeof makeInspectorFiles>) {
  return [kernel, keys, machine, initrd, vmcore, log, unknown];
}

describe('the inspector in Firefox', () => {
  it(
    'shows every view from its file, cancels a job, and looks closer at memory',
    async () => {
      const files = makeInspectorFiles();
      truncateSync(files.vmcore, 4 * 2 ** 30);
      const page = await openInFirefox(INSPECTOR);
      await chooseInInspector(page, listPaths(files));
      await expectReports(page, files);

      const status = () => page.evaluate<string>("document.querySelector('.map [role=status]').textContent");
      const everything = await status();
      await page.evaluate('document.querySelector(\'button[aria-label="Show kernel"]\').click()');
      await vi.waitUntil(async () => (await status()) !== everything);

      truncateSync(files.unknown, 256 * 2 ** 20);
      await page.evaluate(`new MutationObserver(() =>
        document.querySelectorAll('button[aria-label="Cancel unknown"]').forEach((button) => button.click())
      ).observe(document.body, { childList: true, subtree: true })`);
      await page.evaluate('document.querySelector(\'button[aria-label="Remove unknown"]\').click()');
      await waitForFiles(page, 6);
      await chooseInInspector(page, [files.unknown]);
      expect(await readSection(page, 'unknown')).toContain('Cancelled.');
      expect(await page.complaints()).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'shows the files of kexec-file ui, and connects to nothing else',
    async () => {
      const files = makeInspectorFiles();
      const { url } = await startUi(['--no-open', ...listPaths(files)]);
      const page = await openInFirefox(url);
      await waitForFiles(page, 7);
      await expectReports(page, files);
      expect(await page.complaints()).toEqual([]);
      await page.evaluate("fetch(location.origin + '/').catch(() => {})");
      expect(await page.complaints()).toHaveLength(1);
    },
    TIMEOUT,
  );
});
