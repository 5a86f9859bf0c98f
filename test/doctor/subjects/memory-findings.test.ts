import { describe, expect, it } from 'vitest';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine, GIB } from '../../support/machine.js';
import { buildX86Machine } from '../../support/x86-pc.js';

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

  it('of x86_64 is that of iomem, whose children count as free', () => {
    const kernel = { config: { KEXEC_FILE: 'y' } };
    const machine = buildX86Machine({ kernel });
    const [source, free] = listFindings('memory', machine).filter(({ severity }) => severity === 'fine');
    expect(source?.why).toBe(
      'the kernel searches the same resources for places: a plan has the same addresses',
    );
    expect(free?.fact).toBe(
      'a kernel may be placed in 2048M of 2048M, the largest piece 0x100000..0x7ffdf000',
    );
    for (const { why, fact } of listFindings('memory', machine))
      expect(why + fact).not.toContain('device tree');
    const [unsure] = listFindings('memory', buildX86Machine()).filter(({ severity }) => severity === 'fine');
    expect(unsure?.why).toMatch(
      /; not if the kernel has CONFIG_ARCH_KEEP_MEMBLOCK, but its configuration is not known$/,
    );
  });

  it('of x86_64 is that of memblock, if the kernel keeps that', () => {
    const kernel = { config: { ARCH_KEEP_MEMBLOCK: 'y' } };
    const facts = listFacts('memory', buildX86Machine({ kernel }));
    expect(facts).toContain('fine both: the memory map comes from /proc/iomem');
    expect(facts).toContain('fine kexec: 1536M of 2048M are free, the largest piece 0x100000..0x5e000000');
    const freeMemblock = [{ start: GIB, end: GIB + GIB / 2n }];
    expect(listFacts('memory', buildX86Machine({ kernel }, { freeMemblock }))).toEqual(
      expect.arrayContaining([
        "fine both: the memory map is memblock's own",
        'fine kexec: 512M of 2048M are free, the largest piece 0x40000000..0x60000000',
      ]),
    );
  });
});
