import { describe, expect, it } from 'vitest';
import { CHECKS, type Check } from '../../src/base/checks.js';
import type { TrailEntry } from '../../src/base/trail.js';
import { findStrictRefusal, isWarningCheck, listWarnings } from '../../src/base/warnings.js';

const TRAIL: readonly TrailEntry[] = [
  { check: 'signature', verdict: 'note', detail: 'not verified' },
  { check: 'file-size', verdict: 'ok', detail: 'the kernel has 1 byte' },
  { check: 'console', verdict: 'note', detail: 'another console', cure: 'add console=ttyS0' },
  { check: 'initrd-kind', verdict: 'note', detail: 'it is a kernel' },
  { check: 'initrd-work', verdict: 'note', detail: 'not all of it was examined' },
];

describe('the warnings of a trail', () => {
  it('are the notes about what the next kernel lacks', () => {
    expect(listWarnings(TRAIL).map(({ check }) => check)).toEqual(['console', 'initrd-kind']);
  });

  it('refuse a strict load with the errno of the first one', () => {
    expect(findStrictRefusal(TRAIL)).toMatchObject({
      check: 'console',
      errno: 'ENOENT',
      seen: 'another console (--strict turns warnings into refusals)',
      cure: 'add console=ttyS0',
    });
    expect(findStrictRefusal(TRAIL.slice(0, 2))).toBeUndefined();
  });

  it('are of checks that declare one errno each', () => {
    const warning = (Object.keys(CHECKS) as Check[]).filter(isWarningCheck);
    expect(warning.map((check) => CHECKS[check].errnos.length)).toEqual(warning.map(() => 1));
    expect(warning).toContain('root-device');
  });
});
