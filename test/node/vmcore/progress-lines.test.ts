import { describe, expect, it } from 'vitest';
import { ProgressTenths } from '../../../src/node/vmcore/progress-lines.js';

describe('the tenths of a save', () => {
  it('are reached once each, in each phase, with the time that is left', () => {
    const tenths = new ProgressTenths();
    const reach = (phase: 'look' | 'save', done: number, now: number) =>
      tenths.reach({ phase, done, total: 1000 }, now)?.secondsLeft;
    expect(reach('look', 0, 0)).toBeUndefined();
    expect(reach('look', 99, 900)).toBeUndefined();
    expect(reach('look', 100, 1000)).toBe(9);
    expect(reach('look', 150, 1200)).toBeUndefined();
    expect(reach('look', 500, 2000)).toBe(2);
    expect(reach('look', 1000, 4000)).toBe(0);
    expect(reach('save', 0, 10_000)).toBeUndefined();
    expect(reach('save', 250, 12_000)).toBe(6);
  });

  it('of nothing is the last', () => {
    expect(new ProgressTenths().reach({ phase: 'save', done: 0, total: 0 }, 0)).toMatchObject({ share: 1 });
  });
});
