import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/machine/machine-value.js';
import { requireSame } from '../../../src/node/live/this-machine.js';
import { buildMachine, GIB, MIB } from '../../support/machine.js';

const region = { high: { start: GIB, end: GIB + MIB } };

describe('requireSame', () => {
  it('accepts a machine file of this machine, even if the memory maps have different sources', () => {
    const live = buildMachine({ crashRegion: region });
    expect(() => requireSame('m.json', structuredClone(live), live)).not.toThrow();
    const lessExact: Machine = { ...live, memorySource: 'iomem', memory: [{ start: GIB, end: GIB + MIB }] };
    expect(() => requireSame('m.json', lessExact, live)).not.toThrow();
  });

  it.each([
    ['device tree', { arm64: { deviceTree: new Uint8Array(3) } }],
    ['memory map', { memory: [{ start: GIB, end: 3n * GIB }] }],
    ['crash region', { crashRegion: region }],
    ['page size', { pageSize: 65536 }],
  ] as const)('refuses another %s', (what, facts) => {
    expect(() => requireSame('m.json', buildMachine(facts), buildMachine())).toThrow(
      expect.objectContaining({
        check: 'live-machine',
        errno: 'EINVAL',
        seen: `m.json (test) is a machine file of another machine, or of another boot: different from this machine: ${what}`,
      }),
    );
  });
});
