import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/base/checks.js';
import type { LinePiece } from '../../src/explain/causes/cause.js';
import { KERNEL_CAUSES, TOOL_CAUSES } from '../../src/explain/causes/causes.js';
import { findCause } from '../../src/explain/find-cause.js';

const causes = Object.entries({ ...KERNEL_CAUSES, ...TOOL_CAUSES });

const piecesOf = (name: string): readonly LinePiece[] => {
  const [, cause] = causes.find(([other]) => other === name) ?? [];
  return [...(cause?.lines ?? []), ...(cause?.otherLines?.lines ?? [])];
};

describe('the causes of log lines', () => {
  it('have names that occur once', () => {
    expect(Object.keys(KERNEL_CAUSES).filter((name) => name in TOOL_CAUSES)).toEqual([]);
  });

  it.each(causes.map(([name]) => name))(
    '%s is found by each of its texts, with a prefix and a suffix',
    (name) => {
      expect(piecesOf(name)).not.toEqual([]);
      for (const piece of piecesOf(name)) {
        const line = `[   12.345678] ${typeof piece === 'string' ? piece : piece.join('x')} 7`;
        expect(findCause(line, true)?.name, line).toBe(name);
      }
    },
  );

  it.each(causes)('%s has a meaning or a rule, and a cure, in sentences without a full stop', (_, cause) => {
    const { meaning = CHECKS[cause.check].rule, cure = CHECKS[cause.check].cure } = cause;
    for (const text of [meaning, cure]) expect(text).toMatch(/^\S.*[^.\s]$/);
    expect(cure.length).toBeGreaterThan(10);
  });

  it('of one check have cures of their own', () => {
    const regions = causes.filter(([, { check, cure }]) => check === 'crash-region' && cure !== undefined);
    const own = regions.filter(([name]) => name.startsWith('crashkernel-')).map(([, { cure }]) => cure);
    expect(own.length).toBeGreaterThan(8);
    expect(new Set(own).size).toBe(own.length);
  });
});
