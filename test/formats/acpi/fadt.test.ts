import { describe, expect, it } from 'vitest';
import { parseFadt } from '../../../src/formats/acpi/fadt.js';
import { buildAcpiTable, buildFadt } from '../../support/acpi.js';

describe('parseFadt', () => {
  it.each([
    [0, { hasPsci: false, usesHvc: false }],
    [1, { hasPsci: true, usesHvc: false }],
    [3, { hasPsci: true, usesHvc: true }],
  ])('reads Arm boot flags %i', (flags, fadt) => {
    expect(parseFadt(buildFadt({ flags }))).toEqual(fadt);
  });

  it('takes versions from 5.1 on, whatever their erratum is', () => {
    expect(parseFadt(buildFadt({ major: 5, minor: 0x21 })).hasPsci).toBe(true);
    expect(parseFadt(buildFadt({ major: 6, minor: 0 })).hasPsci).toBe(true);
  });

  it.each([
    ['5.0', buildFadt({ major: 5, minor: 0 })],
    ['5.0 with errata', buildFadt({ major: 5, minor: 0x30 })],
    ['4.1', buildFadt({ major: 4, minor: 1 })],
    ['1.0, without the flags', buildAcpiTable('FACP', { revision: 1, size: 116, fields: [] })],
  ])('refuses version %s', (_, table) => {
    expect(() => parseFadt(table)).toThrow(expect.objectContaining({ check: 'acpi-table' }));
  });
});
