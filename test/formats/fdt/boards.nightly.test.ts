import { expect, it } from 'vitest';
import { corpus } from '../../support/corpus.js';
import { expectKeptMeaning } from './edit-boards.js';

const BOARDS = corpus.deviceTrees();

it('the device trees of all boards keep their size and their meaning for dtc', async () => {
  expect(BOARDS.length).toBeGreaterThan(1000);
  await expectKeptMeaning(BOARDS);
}, 600_000);
