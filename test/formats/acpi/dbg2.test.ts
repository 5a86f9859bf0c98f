import { describe, expect, it } from 'vitest';
import { parseDbg2 } from '../../../src/formats/acpi/dbg2.js';
import { buildDbg2, buildDebugDevice } from '../../support/acpi.js';

describe('parseDbg2', () => {
  it('reads serial ports, and skips other devices and those without a register', () => {
    const usb = buildDebugDevice({ type: 0x8002 });
    const table = buildDbg2([
      buildDebugDevice(),
      usb,
      buildDebugDevice({ registers: 0 }),
      buildDebugDevice({ subtype: 0 }),
    ]);
    const register = { space: 0, accessBits: 32, address: 0x1000_0262_0000n };
    expect(parseDbg2(table)).toEqual([
      { subtype: 0x0e, register },
      { subtype: 0, register },
    ]);
    expect(parseDbg2(buildDbg2([], { offset: 0 }))).toEqual([]);
  });

  it.each<[string, Uint8Array]>([
    ['more devices than fit', buildDbg2([buildDebugDevice()], { count: 2 })],
    ['4294967295 devices', buildDbg2([buildDebugDevice()], { count: 0xffff_ffff })],
    ['a device of length 0', buildDbg2([buildDebugDevice({ size: 0 })])],
    ['a device that is too short', buildDbg2([buildDebugDevice({ size: 21 })])],
    ['a device beyond the end', buildDbg2([buildDebugDevice({ size: 39 })])],
    ['a register beyond its device', buildDbg2([buildDebugDevice({ registerAt: 27 })])],
    ['a register within the fixed fields', buildDbg2([buildDebugDevice({ registerAt: 0 })])],
    ['devices within the fixed fields', buildDbg2([buildDebugDevice()], { offset: 36 })],
    ['devices beyond the end', buildDbg2([buildDebugDevice()], { offset: 0xffff_fff0 })],
  ])('refuses %s', (_, table) => {
    expect(() => parseDbg2(table)).toThrow(
      expect.objectContaining({ check: 'acpi-table', errno: 'EBADMSG' }),
    );
  });
});
