/** The rest of the files: inspector.debian.test.ts has every fourth. */
import { it } from 'vitest';
import { listCaseFiles } from '../support/case-files.js';
import { expectSavedJson } from './saved-json.js';

it(
  'the inspector saves the same JSON as the command prints, for files of all kinds',
  {
    timeout: 600_000,
  },
  () => expectSavedJson(listCaseFiles().filter((_, index) => index % 4 !== 0)),
);
