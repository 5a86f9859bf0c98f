import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/machine/machine-value.js';
import { requireSame, useRecordedMap } from '../../../src/node/live/this-machine.js';
import { buildMachine, GIB, MIB } from '../../support/machine.js';

const region = { high: { start: GIB, end: GIB + MIB } };

describe('requireSame', () => {
  it('accepts a machine file of this machine, even if the memory maps have different sources', () => {
    const live = buildMachine({ crashRegion: region });
    expect(() => requireSame('m.json', structuredClone(live), live)).not.toThrow();
    const lessExact: Machine = { ...live, memorySource: 'iomem', memory: [{ start: GIB, end: GIB + MIB }] };
    expect(() => requireSame('m.json', lessExact, live)).not.toThrow();
  });

  it('refuses RAM that this machine has not, whatever the sources', () => {
    const live = buildMachine({ memorySource: 'iomem' });
    const recorded = buildMachine({ memory: [{ start: GIB, end: 3n * GIB }] });
    expect(() => requireSame('m.json', recorded, live)).toThrow(
      expect.objectContaining({ check: 'live-machine', seen: expect.stringContaining('memory map') }),
    );
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

describe('useRecordedMap', () => {
  const trust = {
    efiVariables: { db: Uint8Array.of(1) },
    kexecSignature: 'force',
    lockdown: 'integrity',
    kernel: { config: { KEXEC_SIG: 'y' }, kexecLoadDisabled: true },
  } as const;
  const claims = {
    efiVariables: { db: Uint8Array.of(9), MokListRT: Uint8Array.of(9) },
    kexecSignature: 'none',
    lockdown: 'none',
    kernel: { config: {}, kexecLoadDisabled: false },
    arm64: { granules: [16384], mixedEndian: true },
  } as const;

  it('takes keys, blacklists, configuration and lockdown from this machine', () => {
    const { memory: _, reserved: __, ...kept } = buildMachine(trust);
    const used = useRecordedMap(buildMachine({ ...claims, reserved: [region.high] }), buildMachine(trust));
    expect(used).toMatchObject({ ...kept, reserved: [region.high] });
    expect(used.efiVariables).toEqual(trust.efiVariables);
  });

  it('takes nothing of the kind from the file where this machine has nothing', () => {
    const used = useRecordedMap(buildMachine(claims), buildMachine());
    for (const fact of ['efiVariables', 'kexecSignature', 'lockdown', 'kernel'] as const) {
      expect(used[fact]).toBeUndefined();
    }
  });

  it('takes the memory map, and crash facts that this machine does not give', () => {
    const crash = {
      notes: [region.high],
      vmcoreinfo: region.high,
      text: { ...region.high, virtual: 1n },
      linearMap: { physical: 0n, virtual: 0n },
    };
    const high = [{ start: 4n * GIB, end: 5n * GIB }];
    const used = useRecordedMap(
      buildMachine({ crash, driverManaged: high }),
      buildMachine({ memorySource: 'iomem' }),
    );
    expect(used).toMatchObject({ memorySource: 'memblock', crash, driverManaged: high });
    const without = useRecordedMap(buildMachine(), buildMachine({ crash, driverManaged: high }));
    expect(without.driverManaged).toBeUndefined();
    expect(without.crash).toEqual(crash);
  });
});
