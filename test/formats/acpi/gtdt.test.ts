import { describe, expect, it } from 'vitest';
import { parseGtdt } from '../../../src/formats/acpi/gtdt.js';
import { buildGtdt, buildWatchdog } from '../../support/acpi.js';

const SECURE = 4;

describe('parseGtdt', () => {
  it('counts the watchdogs that are not secure, and skips timer blocks', () => {
    const block = Uint8Array.of(0, 20, 0, ...new Uint8Array(17));
    const timers = [block, buildWatchdog(), buildWatchdog({ flags: SECURE }), buildWatchdog({ flags: 3 })];
    expect(parseGtdt(buildGtdt(timers))).toEqual({ watchdogs: 2 });
    expect(parseGtdt(buildGtdt([], { offset: 0 }))).toEqual({ watchdogs: 0 });
  });

  it.each<[string, Uint8Array]>([
    ['more timers than fit', buildGtdt([buildWatchdog()], { count: 2 })],
    ['4294967295 timers', buildGtdt([buildWatchdog()], { count: 0xffff_ffff })],
    ['a timer of length 0', buildGtdt([buildWatchdog({ size: 0 })])],
    ['a watchdog that is too short', buildGtdt([buildWatchdog({ size: 27 })])],
    ['a watchdog beyond the end', buildGtdt([buildWatchdog({ size: 29 })])],
    ['timers within the fixed fields', buildGtdt([buildWatchdog()], { offset: 36 })],
    ['timers beyond the end', buildGtdt([buildWatchdog()], { offset: 0xffff_fff0 })],
  ])('refuses %s', (_, table) => {
    expect(() => parseGtdt(table)).toThrow(
      expect.objectContaining({ check: 'acpi-table', errno: 'EBADMSG' }),
    );
  });
});
