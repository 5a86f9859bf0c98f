import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KIND_KEPT, PageKinds } from '../../../src/vmcore/save/page-kinds.js';
import { openVmcoreBytes, type ReducedVmcore, readReducedVmcore } from '../../support/vmcore.js';

/** By the first of 1024 page frames: for each, the levels that leave it out (test/data/vmcore/README.md). */
const readUses = (name: ReducedVmcore): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(new URL(`../../data/vmcore/${name}.uses.json`, import.meta.url), 'utf8'));

describe.each([
  ['of Linux 7.3 for arm64', 'linux-7.3-48bit'],
  ['of Linux 6.12 for x86_64', 'debian-6.12-x86_64'],
] as const)('%s, a filter leaves out the pages that the reference does', (_, name) => {
  const vmcore = openVmcoreBytes(readReducedVmcore(name));
  const uses = readUses(name);

  it.each(Object.keys(uses).flatMap((frame) => [2, 4, 8, 16, 31].map((filter) => [frame, filter] as const)))(
    'from frame %s on, filter %i',
    (frame, filter) => {
      const levels = [...(uses[frame] ?? '')].map((digit) => Number.parseInt(digit, 32));
      const kinds = new Uint8Array(levels.length).fill(KIND_KEPT);
      const pages = new PageKinds(vmcore, filter);
      pages.mark(Number(frame), kinds, new Uint8Array(levels.length).fill(1));
      expect(pages.unknown).toBe(0);
      expect([...kinds].map((kind) => kind !== KIND_KEPT)).toEqual(levels.map((use) => (use & filter) !== 0));
    },
  );

  it('and the reference has pages of each level', () => {
    for (const digit of ['0', '6', '8', 'g']) expect(Object.values(uses).join('')).toContain(digit);
  });
});
