import { describe, expect, it } from 'vitest';
import { CHECKS, type Check } from '../../src/base/checks.js';
import { explainCheck } from '../../src/explain/explain-check.js';

describe('explainCheck()', () => {
  it.each(Object.keys(CHECKS) as Check[])('says why %s exists and how one gets there', (check) => {
    const { why, how, rule, errnos } = explainCheck(check);
    for (const text of [why, how]) {
      expect(text).toMatch(/^\S(.*[^.\s])?$/);
      expect(text).not.toBe(rule);
    }
    expect(errnos).toEqual(CHECKS[check].errnos);
  });

  it('has the causes of a check with their errnos', () => {
    expect(explainCheck('running-cpus').causes.map(({ errno }) => errno)).toEqual(['EBUSY', 'EBUSY']);
  });
});
