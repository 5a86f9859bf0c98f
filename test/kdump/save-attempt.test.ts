import { describe, expect, it } from 'vitest';
import { chooseNextAttempt, type SaveAttempt } from '../../src/kdump/save-attempt.js';

const FULL = true;
const DAMAGED = false;

function filtered(filter: number): SaveAttempt {
  return { kind: 'filtered', filter };
}

/** What is tried, one after another, if everything fails for one reason. */
function listAttempts(first: SaveAttempt, isFull: boolean): SaveAttempt[] {
  const failed = [first];
  for (
    let next = chooseNextAttempt(failed, isFull);
    next !== undefined;
    next = chooseNextAttempt(failed, isFull)
  )
    failed.push(next.attempt);
  return failed;
}

describe('after a save that failed', () => {
  it('less is saved, if the disk is full', () => {
    expect(listAttempts(filtered(1), FULL)).toEqual([filtered(1), filtered(31)]);
    expect(listAttempts(filtered(31), FULL)).toEqual([filtered(31)]);
    expect(listAttempts({ kind: 'copy' }, FULL)).toEqual([{ kind: 'copy' }]);
  });

  it('more is saved, if the pages cannot be told apart, and all in the end', () => {
    expect(listAttempts(filtered(31), DAMAGED)).toEqual([filtered(31), filtered(1), { kind: 'copy' }]);
    expect(listAttempts(filtered(0), DAMAGED)).toEqual([filtered(0), { kind: 'copy' }]);
    expect(listAttempts({ kind: 'copy' }, DAMAGED)).toEqual([{ kind: 'copy' }]);
  });

  it('nothing is tried twice', () => {
    const failed = [filtered(31), filtered(1)];
    expect(chooseNextAttempt(failed, FULL)).toBeUndefined();
  });
});
