import { describe, expect, it } from 'vitest';
import { parseArmBootFlags, parseResetRegister } from '../../../src/formats/acpi/fadt.js';
import { buildAcpiTable, buildFadt, sumAcpiTable } from '../../support/acpi.js';
import { PC_FADT, Q35_FADT } from '../../support/qemu-acpi.js';

describe('parseArmBootFlags', () => {
  it.each([
    [0, { hasPsci: false, usesHvc: false }],
    [1, { hasPsci: true, usesHvc: false }],
    [3, { hasPsci: true, usesHvc: true }],
  ])('reads Arm boot flags %i', (flags, fadt) => {
    expect(parseArmBootFlags(buildFadt({ flags }))).toEqual(fadt);
  });

  it('takes versions from 5.1 on, whatever their erratum is', () => {
    expect(parseArmBootFlags(buildFadt({ major: 5, minor: 0x21 })).hasPsci).toBe(true);
    expect(parseArmBootFlags(buildFadt({ major: 6, minor: 0 })).hasPsci).toBe(true);
  });

  it.each([
    ['5.0', buildFadt({ major: 5, minor: 0 })],
    ['5.0 with errata', buildFadt({ major: 5, minor: 0x30 })],
    ['4.1', buildFadt({ major: 4, minor: 1 })],
    ['1.0, without the flags', buildAcpiTable('FACP', { revision: 1, size: 116, fields: [] })],
  ])('refuses version %s', (_, table) => {
    expect(() => parseArmBootFlags(table)).toThrow(expect.objectContaining({ check: 'acpi-table' }));
  });
});

describe('parseResetRegister', () => {
  const cf9 = { space: 1, accessBits: 8, address: 0xcf9n };

  it("reads QEMU's tables: q35 has the reset control register, the board pc none", () => {
    expect(parseResetRegister(Q35_FADT)).toEqual({
      register: { ...cf9, accessBits: undefined },
      value: 0x0f,
    });
    expect(parseResetRegister(PC_FADT)).toBeUndefined();
  });

  it('reads the register and its value', () => {
    expect(parseResetRegister(buildFadt({ reset: {} }))).toEqual({ register: cf9, value: 0x0f });
    const memory = { space: 0, access: 0, address: 0xfed0_1234n, value: 6 };
    expect(parseResetRegister(buildFadt({ reset: memory }))).toEqual({
      register: { space: 0, accessBits: undefined, address: 0xfed0_1234n },
      value: 6,
    });
  });

  it('reads it in a table of version 2 or later, of any minor version', () => {
    expect(parseResetRegister(buildFadt({ major: 2, minor: 0, reset: {} }))?.value).toBe(0x0f);
    expect(parseResetRegister(buildFadt({ major: 1, reset: {} }))).toBeUndefined();
  });

  it('finds none if the flags or the address say so, or in a table of version 1', () => {
    expect(parseResetRegister(buildFadt())).toBeUndefined();
    expect(parseResetRegister(buildFadt({ reset: { supported: false } }))).toBeUndefined();
    expect(parseResetRegister(buildFadt({ reset: { address: 0n } }))).toBeUndefined();
    const first = buildAcpiTable('FACP', { revision: 1, size: 116, fields: [[112, 4, 1 << 10]] });
    expect(parseResetRegister(first)).toBeUndefined();
  });

  it.each([116, 117, 127, 128])('refuses a table of %i bytes that promises one', (size) => {
    const table = buildAcpiTable('FACP', { revision: 2, size, fields: [[112, 4, 1 << 10]] });
    if (size > 126) table[120] = 1;
    expect(() => parseResetRegister(sumAcpiTable(table))).toThrow(
      expect.objectContaining({ errno: 'EBADMSG', check: 'acpi-table' }),
    );
  });

  it('refuses a table with a wrong checksum, length or signature, or that is too short', () => {
    const good = buildFadt({ reset: {} });
    const flipped = good.slice();
    flipped[120] = 0xf8;
    const short = buildAcpiTable('FACP', { revision: 2, size: 100, fields: [] });
    for (const table of [
      flipped,
      good.subarray(0, 200),
      good.map((byte, at) => byte ^ (at === 0 ? 1 : 0)),
      short,
    ]) {
      expect(() => parseResetRegister(table)).toThrow(
        expect.objectContaining({ errno: 'EBADMSG', check: 'acpi-table' }),
      );
    }
  });
});
