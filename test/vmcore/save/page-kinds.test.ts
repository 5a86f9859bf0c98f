import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KIND_KEPT, PageKinds } from '../../../src/vmcore/save/page-kinds.js';
import { openVmcoreBytes, readReducedVmcore } from '../../support/vmcore.js';

/** By the first of 1024 page frames: for each, the levels that leave it out (test/data/vmcore/README.md). */
const USES: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('../../data/vmcore/linux-7.3-48bit.uses.json', import.meta.url), 'utf8'),
);

describe('of Linux 7.3, a filter leaves out the pages that its debug information says', () => {
  const vmcore = openVmcoreBytes(readReducedVmcore('linux-7.3-48bit'));

  it.each(Object.keys(USES).flatMap((frame) => [2, 4, 8, 16, 31].map((filter) => [frame, filter] as const)))(
    'from frame %s on, filter %i',
    (frame, filter) => {
      const levels = [...(USES[frame] ?? '')].map((digit) => Number.parseInt(digit, 32));
      const kinds = new Uint8Array(levels.length).fill(KIND_KEPT);
      const pages = new PageKinds(vmcore, filter);
      pages.mark(Number(frame), kinds, new Uint8Array(levels.length).fill(1));
      expect(pages.unknown).toBe(0);
      expect([...kinds].map((kind) => kind !== KIND_KEPT)).toEqual(levels.map((use) => (use & filter) !== 0));
    },
  );

  it('and the reference has pages of each level', () => {
    for (const digit of ['0', '6', '8', 'g']) expect(Object.values(USES).join('')).toContain(digit);
  });
});
