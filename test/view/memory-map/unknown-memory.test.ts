import { describe, expect, it } from 'vitest';
import { MIB } from '../../../src/base/u64.js';
import { PRESETS } from '../../../src/machine/presets/presets.js';
import { formatMachineMemory } from '../../../src/view/memory-map/machine-memory-text.js';
import { describeUnknownMemory } from '../../../src/view/memory-map/unknown-memory.js';
import { buildSampleMachine, virt } from './samples.js';

describe('describeUnknownMemory', () => {
  it('names what the machine value does not know', () => {
    expect(describeUnknownMemory(PRESETS['qemu-virt']())).toEqual([
      'Unknown: where the running kernel lies.',
      'Unknown: what the running kernel has reserved for itself; only its device tree is known.',
    ]);
    const kernelImage = { code: { start: 0n, end: MIB } };
    expect(describeUnknownMemory(buildSampleMachine({ kernelImage }))).toEqual([
      "Unknown: where the running kernel's initrd and its device tree lie.",
    ]);
  });

  it('stands below the map, which has no invented ranges', () => {
    const text = formatMachineMemory(virt.machine, undefined, { columns: 60 });
    expect(text.split('\n').slice(4)).toEqual([
      '',
      '  Unknown: where the running kernel, its initrd and its',
      '    device tree lie.',
    ]);
  });
});
