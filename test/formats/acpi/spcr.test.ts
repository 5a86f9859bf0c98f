import { describe, expect, it } from 'vitest';
import { parseSpcr } from '../../../src/formats/acpi/spcr.js';
import { buildSpcr } from '../../support/acpi.js';

describe('parseSpcr', () => {
  it('reads type, register and speed', () => {
    expect(parseSpcr(buildSpcr())).toEqual({
      interfaceType: 3,
      register: { space: 0, accessBits: 32, address: 0x0900_0000n },
      baud: 9600,
    });
    expect(parseSpcr(buildSpcr({ type: 0, space: 1, access: 1, address: 0x3f8n }))).toMatchObject({
      interfaceType: 0,
      register: { space: 1, accessBits: 8, address: 0x3f8n },
    });
  });

  it.each([
    [0, undefined],
    [3, 9600],
    [4, 19200],
    [5, undefined],
    [6, 57600],
    [7, 115200],
  ])('knows speed %i', (baudCode, baud) => {
    expect(parseSpcr(buildSpcr({ baudCode }))?.baud).toBe(baud);
    expect(parseSpcr(buildSpcr({ baudCode, revision: 4 }))?.baud).toBe(baud);
    expect(parseSpcr(buildSpcr({ baudCode, revision: 4, preciseBaud: 1_500_000 }))?.baud).toBe(1_500_000);
  });

  it.each([
    [0, undefined],
    [1, 8],
    [2, 16],
    [3, 32],
    [4, 64],
    [5, undefined],
    [32, undefined],
  ])('knows access size %i', (access, bits) => {
    expect(parseSpcr(buildSpcr({ access }))?.register.accessBits).toBe(bits);
  });

  it('names no console if its address is 0', () => {
    expect(parseSpcr(buildSpcr({ address: 0n }))).toBeUndefined();
  });

  it('refuses a table that is too short for its revision', () => {
    const short = buildSpcr({ revision: 2 });
    short[8] = 4;
    short[9] = ((short[9] as number) - 2) & 0xff;
    expect(() => parseSpcr(short)).toThrow(expect.objectContaining({ check: 'acpi-table' }));
  });
});
