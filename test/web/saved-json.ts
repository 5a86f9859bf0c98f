/** What the inspector saves of files, beside what the command prints. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect } from 'vitest';
import { attemptAsync, KexecError } from '../../src/base/error.js';
import { buildReportHeader } from '../../src/base/report-header.js';
import { inspect } from '../../src/inspect/inspect-file.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { buildInspectedJson } from '../../src/view/json/inspected-json.js';
import { buildRefusalJson } from '../../src/view/json/refusal-json.js';
import { chooseInInspector, openInspector, readSaved } from '../support/inspector-page.js';

/** The page shows so many files each in a section of its own. */
const SHOWN_FILES = 50;

/** The fields of `inspect --json`, with the codecs of Node. */
async function inspectInNode(path: string): Promise<object> {
  const file = basename(path);
  const opening = { decompress: nodeDecompress, hashes: nodeHashes };
  const inspected = await attemptAsync(() => inspect(readFileSync(path), opening));
  if (inspected instanceof KexecError) return { file, refusal: buildRefusalJson(inspected) };
  return JSON.parse(JSON.stringify(buildInspectedJson(file, inspected)));
}

/** Expects that the inspector saves the JSON that the command prints, for each of at least 15 files. */
export async function expectSavedJson(paths: readonly string[]): Promise<void> {
  expect(paths.length).toBeGreaterThanOrEqual(15);
  for (let at = 0; at < paths.length; at += SHOWN_FILES) {
    const page = await openInspector();
    const some = paths.slice(at, at + SHOWN_FILES);
    await chooseInInspector(page, some);
    for (const path of some) {
      const expected = { ...buildReportHeader('inspect'), ...(await inspectInNode(path)) };
      expect(await readSaved(page, basename(path)), path).toEqual(expected);
    }
    expect(page.complaints).toEqual([]);
  }
}
