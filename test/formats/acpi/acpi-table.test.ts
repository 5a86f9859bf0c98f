import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { openAcpiTable } from '../../../src/formats/acpi/acpi-table.js';
import { parseDbg2 } from '../../../src/formats/acpi/dbg2.js';
import { parseArmBootFlags } from '../../../src/formats/acpi/fadt.js';
import { parseGtdt } from '../../../src/formats/acpi/gtdt.js';
import { parseMadt } from '../../../src/formats/acpi/madt.js';
import { parseSpcr } from '../../../src/formats/acpi/spcr.js';
import {
  buildAcpiTable,
  buildDbg2,
  buildDebugDevice,
  buildFadt,
  buildGicc,
  buildGicd,
  buildGtdt,
  buildIts,
  buildMadt,
  buildSpcr,
  buildWatchdog,
  sumAcpiTable,
} from '../../support/acpi.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';

const refusal = expect.objectContaining({ check: 'acpi-table', errno: 'EBADMSG' });

describe('openAcpiTable', () => {
  const table = buildAcpiTable('TEST', { revision: 7, size: 40, fields: [] });

  it('returns revision and bytes', () => {
    const { revision, bytes } = openAcpiTable(table, 'TEST', 40);
    expect(revision).toBe(7);
    expect(bytes.bytes).toBe(table);
  });

  it.each<[string, () => unknown]>([
    ['an empty file', () => openAcpiTable(new Uint8Array(0), 'TEST')],
    ['a file that ends in the header', () => openAcpiTable(table.subarray(0, 35), 'TEST')],
    ['a file that is cut', () => openAcpiTable(table.subarray(0, 39), 'TEST')],
    ['bytes after the table', () => openAcpiTable(Uint8Array.from([...table, 0]), 'TEST')],
    ['another signature', () => openAcpiTable(table, 'FACP')],
    ['fewer bytes than the fields need', () => openAcpiTable(table, 'TEST', 41)],
  ])('refuses %s', (_, open) => {
    expect(open).toThrow(refusal);
  });

  it('refuses every flipped bit, by the checksum at the latest', () => {
    for (const flipped of flipEachBit(table, table.length)) {
      expect(catchRefusal(() => openAcpiTable(flipped, 'TEST'))).toEqual(refusal);
    }
  });
});

describe('broken tables', () => {
  const tables: readonly [string, (file: Uint8Array) => unknown, Uint8Array][] = [
    ['FACP', parseArmBootFlags, buildFadt()],
    ['APIC', parseMadt, buildMadt(buildGicd(3), buildGicc(), buildGicc(), buildIts())],
    ['SPCR', parseSpcr, buildSpcr({ revision: 4 })],
    ['DBG2', parseDbg2, buildDbg2([buildDebugDevice(), buildDebugDevice({ type: 0x8003 })])],
    ['GTDT', parseGtdt, buildGtdt([buildWatchdog(), buildWatchdog()])],
  ];

  it.each(tables)('end in nothing but a refusal, also with a correct checksum: %s', (_, parse, table) => {
    const changes = fc.array(fc.tuple(fc.nat({ max: table.length - 1 }), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(changes, fc.nat({ max: table.length }), fc.boolean(), (bytes, cut, isCut) => {
        const broken = isCut ? table.slice(0, cut) : table.slice();
        for (const [at, value] of bytes) if (at < broken.length) broken[at] = value;
        if (broken.length >= 10) sumAcpiTable(broken);
        expect(catchRefusal(() => parse(broken)) ?? new KexecError('acpi-table', 'EBADMSG', '')).toEqual(
          refusal,
        );
      }),
      { numRuns: 500 },
    );
    for (const flipped of flipEachBit(table, table.length)) {
      expect(catchRefusal(() => parse(flipped))).toEqual(refusal);
    }
  });
});
