import { describe, expect, it } from 'vitest';
import { CHECK_GROUPS, CHECKS, type Check, findGroup, LOAD_GROUPS } from '../../src/base/checks.js';
import { ERRNO } from '../../src/base/errno.js';

const checks = Object.keys(CHECKS) as Check[];

describe('the checks', () => {
  it('belong to one group each', () => {
    const names = Object.values(CHECK_GROUPS).flatMap((group) => Object.keys(group));
    expect(names.toSorted()).toEqual(checks.toSorted());
    expect(findGroup('segment-hole')).toBe('placement');
    for (const group of LOAD_GROUPS) expect(CHECK_GROUPS).toHaveProperty([group]);
  });

  it.each(checks)('%s has a rule, its source, and a cure', (check) => {
    const { rule, source, cure, errnos } = CHECKS[check];
    for (const text of [rule, source, cure]) expect(text).toMatch(/^\S(.*[^.\s])?$/);
    expect(cure.length).toBeGreaterThan(10);
    expect(new Set(errnos).size).toBe(errnos.length);
    for (const errno of errnos) expect(ERRNO).toHaveProperty(errno);
  });
});
