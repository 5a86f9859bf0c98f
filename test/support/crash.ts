import type { CrashFacts } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { buildMachine, GIB, MIB, type TestFacts } from './machine.js';

/** Where the crash region of {@link buildCrashMachine} is: 256 MiB of its 1 GiB. */
export const CRASH_REGION = { start: GIB + 512n * MIB, end: GIB + 768n * MIB };

/** A machine of 2 CPUs with 1 GiB of RAM from 1 GiB on, which is ready for a crash kernel. */
export function buildCrashMachine(facts: TestFacts = {}, crash: Partial<CrashFacts> = {}): Machine {
  return buildMachine({
    reserved: [CRASH_REGION],
    crashRegion: { high: CRASH_REGION },
    crash: {
      notes: [
        { start: 0x7ff0_0000n, end: 0x7ff0_01a8n },
        { start: 0x7ff0_1000n, end: 0x7ff0_11a8n },
      ],
      vmcoreinfo: { start: 0x4153_0000n, end: 0x4153_1024n },
      text: { start: 0x4020_0000n, end: 0x410a_0000n, virtual: 0xffff_8000_8000_0000n },
      linearMap: { physical: GIB, virtual: 0xffff_0000_0000_0000n },
      ...crash,
    },
    ...facts,
  });
}
