import { describe, expect, it } from 'vitest';
import { listFacts } from '../../support/doctor.js';
import { buildMachine, GIB } from '../../support/machine.js';

describe('the memory map', () => {
  it.each([
    ['memblock', "fine both: the memory map is memblock's own"],
    ['iomem', 'fine both: the memory map comes from /proc/iomem'],
    ['device-tree', 'warns both: the memory map comes from the device tree'],
  ] as const)('from %s', (memorySource, expected) => {
    expect(listFacts('memory', buildMachine({ memorySource }))).toContain(expected);
  });

  it('has free memory, or none', () => {
    const reserved = [{ start: GIB, end: GIB + GIB / 2n }];
    expect(listFacts('memory', buildMachine({ reserved }))).toContain(
      'fine kexec: 512M of 1G are free, the largest piece 0x60000000..0x80000000',
    );
    const full = buildMachine({ reserved: [{ start: GIB, end: 2n * GIB }] });
    expect(listFacts('memory', full)[0]).toBe('stops kexec: no memory is free');
  });
});
