import { describe, expect, it } from 'vitest';
import { restrictMemory } from '../../../src/vmcore/open/restrict-memory.js';
import { openVmcoreBytes, readReducedVmcore } from '../../support/vmcore.js';

describe('a restricted memory', () => {
  const { memory } = openVmcoreBytes(readReducedVmcore('linux-6.12-48bit'));
  const [first] = memory.ranges();
  const { start, end } = first ?? { start: 0n, end: 0n };

  it('lists what is within the ranges, and reads the rest, too', () => {
    const within = [{ start: start + 16n, end: end + 16n }];
    const restricted = restrictMemory(memory, within);
    expect(restricted.ranges()[0]).toEqual({ start: start + 16n, end, present: end - start - 16n });
    expect([...restricted.presentRuns()][0]).toEqual({ start: start + 16n, end });
    expect(restricted.read(start, 16)).toEqual(memory.read(start, 16));
    const into = new Uint8Array(16);
    restricted.readInto?.(start, into);
    expect(into).toEqual(new Uint8Array(memory.read(start, 16)));
  });

  it('is empty within nothing', () => {
    expect(restrictMemory(memory, []).ranges()).toEqual([]);
  });
});
