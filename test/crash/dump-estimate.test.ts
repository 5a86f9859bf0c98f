import { expect, it } from 'vitest';
import { estimateDump } from '../../src/crash/dump-estimate.js';
import { FILTER_ALL, FILTER_LEVELS } from '../../src/vmcore/save/filter.js';
import { buildMachine, GIB, MIB } from '../support/machine.js';

const MEMINFO = `MemTotal:        1000000 kB
MemFree:          409600 kB
Buffers:           10240 kB
Cached:           102400 kB
SwapCached:            0 kB
AnonPages:         51200 kB
`;

const MACHINE = buildMachine({
  crashRegion: { high: { start: GIB + 512n * MIB, end: GIB + 768n * MIB } },
});

it('leaves out the crash region, and what a filter certainly leaves out', () => {
  const memory = 768n * MIB;
  expect(estimateDump(MACHINE, MEMINFO, 0)).toEqual({ memory, atMost: memory });
  expect(estimateDump(MACHINE, MEMINFO, FILTER_LEVELS.free)).toEqual({ memory, atMost: 368n * MIB });
  expect(estimateDump(MACHINE, MEMINFO, FILTER_LEVELS.cache).atMost).toBe(memory);
  expect(estimateDump(MACHINE, MEMINFO, FILTER_ALL).atMost).toBe(208n * MIB);
});

it('is never below nothing, and without the facts all of it', () => {
  expect(estimateDump(MACHINE, 'MemFree: 99999999 kB\n', FILTER_ALL).atMost).toBe(0n);
  expect(estimateDump(MACHINE, '', FILTER_ALL).atMost).toBe(768n * MIB);
});
