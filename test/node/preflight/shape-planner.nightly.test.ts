import { expect, it } from 'vitest';
import { expectSameRows } from './same-rows.js';

it('plans 10,000 machines by shapes as one by one', () => {
  expect.hasAssertions();
  expectSameRows(10_000);
});
