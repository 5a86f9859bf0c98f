import { expect, it } from 'vitest';
import { corpus } from '../../support/corpus.js';
import { expectKeptMeaning } from './edit-boards.js';

/** One board in eight: dtc runs three times for each. boards.nightly.test.ts has all. */
const BOARDS = corpus.deviceTrees().filter((_, index) => index % 8 === 0);

it('the device trees of real boards keep their size and their meaning for dtc', async () => {
  expect(BOARDS.length).toBeGreaterThan(100);
  await expectKeptMeaning(BOARDS);
}, 300_000);
