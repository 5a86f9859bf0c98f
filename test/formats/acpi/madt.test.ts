import { describe, expect, it } from 'vitest';
import { parseMadt } from '../../../src/formats/acpi/madt.js';
import { buildGicc, buildGicd, buildIts, buildMadt, buildMadtStructure } from '../../support/acpi.js';

describe('parseMadt', () => {
  it('reads CPUs, the version of the GIC and its ITS, and skips other structures', () => {
    const madt = buildMadt(
      buildGicd(3),
      buildGicc(),
      buildMadtStructure(0x0e, 16),
      buildGicc({ flags: 8, size: 76 }),
      buildMadtStructure(0x80, 2),
      buildGicc({ flags: 0, parkingVersion: 1, parkedAddress: 0x1_0000_0000n, size: 80 }),
      buildIts(),
      buildIts(),
    );
    expect(parseMadt(madt)).toEqual({
      cpus: [
        { isUsable: true, parkingVersion: 0, parkedAddress: 0n },
        { isUsable: true, parkingVersion: 0, parkedAddress: 0n },
        { isUsable: false, parkingVersion: 1, parkedAddress: 0x1_0000_0000n },
      ],
      gicVersion: 3,
      itsCount: 2,
    });
  });

  it('leaves the version of the GIC open, as firmware may', () => {
    expect(parseMadt(buildMadt(buildGicd(0))).gicVersion).toBeUndefined();
    expect(parseMadt(buildMadt())).toEqual({ cpus: [], gicVersion: undefined, itsCount: 0 });
  });

  it.each<[string, readonly Uint8Array[]]>([
    ['a structure of length 0', [buildMadtStructure(0x0b, 0)]],
    ['a structure of length 1', [buildMadtStructure(0x30, 1)]],
    ['a GICC of ACPI 5.0', [buildGicc({ size: 76 }).fill(40, 1, 2)]],
    ['a GICD that is too short', [buildMadtStructure(0x0c, 20)]],
    ['an ITS that is too short', [buildMadtStructure(0x0f, 16)]],
    ['a structure beyond the end', [buildGicd(3), buildIts().fill(21, 1, 2)]],
    ['a type without a length', [Uint8Array.of(0x30)]],
    ['two distributors', [buildGicd(3), buildGicd(3)]],
    ['a GIC of version 5', [buildGicd(5)]],
  ])('refuses %s', (_, structures) => {
    expect(() => parseMadt(buildMadt(...structures))).toThrow(
      expect.objectContaining({ check: 'acpi-table', errno: 'EBADMSG' }),
    );
  });
});
