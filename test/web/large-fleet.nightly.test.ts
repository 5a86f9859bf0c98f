import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { openInspector, readSavedText, sectionOf } from '../support/inspector-page.js';
import { parseReports } from '../support/json-reports.js';
import { writeShapeFiles } from '../support/shape-fleet.js';

/** Enough for a second worker, where there is a second CPU. */
const MACHINES = 2500;

it('a fleet that several workers plan has the rows of preflight, in its order', {
  timeout: 600_000,
}, async () => {
  const folder = makeTemporaryFolder();
  const fleet = join(folder, 'fleet');
  mkdirSync(fleet);
  writeShapeFiles(fleet, MACHINES, 40);
  // One of the files that have a section, too, and one that is read among others.
  for (const name of ['host0000007.json', 'host0002000.json'])
    writeFileSync(join(fleet, name), '{ "name": 1 }');
  const kernel = corpus.cloudKernel();
  const heading = `Preflight: ${basename(kernel)}`;
  const page = await openInspector();
  await page.drop([kernel, fleet]);
  const isDone = () => page.evaluate<boolean>(`${sectionOf(heading)}?.ariaBusy === 'false'`);
  await vi.waitUntil(isDone, { timeout: 300_000, interval: 500 });

  const saved = parseReports(await readSavedText(page, heading, 'Save as JSON lines'));
  const printed = parseReports(runCli('preflight', kernel, fleet, '--json').stdout);
  const expected = JSON.parse(
    JSON.stringify(printed).replaceAll(`${folder}/`, '').replaceAll(kernel, basename(kernel)),
  );
  expect(saved).toHaveLength(MACHINES + 1);
  expect(saved).toEqual(expected);
  expect(page.complaints).toEqual([]);
});
