import { describe, expect, it } from 'vitest';
import type { Collected } from '../../src/machine/collected.js';
import { readAcpiFacts } from '../../src/machine/read-acpi-facts.js';
import {
  buildDbg2,
  buildDebugDevice,
  buildFadt,
  buildGicc,
  buildGicd,
  buildGtdt,
  buildIts,
  buildMadt,
  buildSpcr,
} from '../support/acpi.js';

const FOLDER = '/sys/firmware/acpi/tables';
const TABLES = `${FOLDER}/FACP\n${FOLDER}/APIC\n`;

const read = (files: Collected, hasPorts = false) =>
  readAcpiFacts({ 'acpi-tables': TABLES, ...files }, hasPorts);

describe('readAcpiFacts', () => {
  it('finds nothing on a machine without tables', () => {
    const nothing = { acpi: undefined, broken: [] };
    expect(readAcpiFacts({}, false)).toEqual(nothing);
    expect(readAcpiFacts({ 'acpi-tables': '' }, false)).toEqual(nothing);
    expect(readAcpiFacts({ 'acpi-tables': `${FOLDER}/EVIL\n` }, false)).toEqual(nothing);
  });

  it('leaves out what could not be read', () => {
    expect(read({})).toEqual({ acpi: { tables: ['FACP', 'APIC'] }, broken: [] });
  });

  it('reads all tables', () => {
    const { acpi } = read({
      'acpi-FACP': buildFadt({ flags: 3 }),
      'acpi-APIC': buildMadt(buildGicd(4), buildGicc(), buildIts()),
      'acpi-SPCR': buildSpcr({ baudCode: 7 }),
      'acpi-DBG2': buildDbg2([buildDebugDevice(), buildDebugDevice({ type: 0x8003 })]),
      'acpi-GTDT': buildGtdt(),
    });
    expect(acpi).toEqual({
      tables: ['FACP', 'APIC'],
      cpuMethod: 'psci-hvc',
      console: { type: 'pl011', address: 0x0900_0000n, accessBits: 32, baud: 115200 },
      debugPorts: [{ type: 'sbsa-uart', address: 0x1000_0262_0000n, accessBits: 32 }],
      gic: { version: 4, its: 1 },
      watchdogs: 0,
    });
  });

  const parked = buildGicc({ parkingVersion: 1, parkedAddress: 0x8000_0000n });

  it.each<[string, string | undefined, number, Uint8Array | undefined]>([
    ['by PSCI through SMC', 'psci-smc', 1, undefined],
    ['by PSCI, whatever the parking protocol', 'psci-hvc', 3, buildMadt(parked)],
    ['by the parking protocol', 'parking-protocol', 0, buildMadt(buildGicc(), parked)],
    ['in no known way', 'unknown', 0, buildMadt(buildGicc(), buildGicc())],
    [
      'in no known way if only a CPU that does not exist is parked',
      'unknown',
      2,
      buildMadt(parked.map((byte, at) => (at === 12 ? 0 : byte))),
    ],
    ['in a way that the missing MADT would say', undefined, 0, undefined],
  ])('knows that CPUs are started %s', (_, method, flags, madt) => {
    const { acpi } = read({ 'acpi-FACP': buildFadt({ flags }), 'acpi-APIC': madt });
    expect(acpi?.cpuMethod).toBe(method);
  });

  it.each([
    [0x00, '16550'],
    [0x01, '16550'],
    [0x02, 'other'],
    [0x03, 'pl011'],
    [0x05, '16550'],
    [0x0d, 'sbsa-uart'],
    [0x0e, 'sbsa-uart'],
    [0x12, '16550'],
    [0xff, 'other'],
  ])('knows the UART of type %i', (type, name) => {
    expect(read({ 'acpi-SPCR': buildSpcr({ type }) }).acpi?.console?.type).toBe(name);
  });

  it('ignores a UART in the I/O space, which arm64 does not have', () => {
    expect(read({ 'acpi-SPCR': buildSpcr({ space: 1 }) }).acpi?.console).toBeUndefined();
  });

  it('knows a UART at a port where there are ports', () => {
    const uart = { type: 0, space: 1, access: 1, baudCode: 7 } as const;
    expect(read({ 'acpi-SPCR': buildSpcr({ ...uart, address: 0x2f8n }) }, true).acpi?.console).toEqual({
      type: '16550',
      space: 'port',
      address: 0x2f8n,
      accessBits: 8,
      baud: 115200,
    });
    expect(
      read({ 'acpi-SPCR': buildSpcr({ ...uart, address: 0x1_02f8n }) }, true).acpi?.console,
    ).toBeUndefined();
    expect(read({ 'acpi-SPCR': buildSpcr({ ...uart, space: 2 }) }, true).acpi?.console).toBeUndefined();
    expect(
      read({ 'acpi-SPCR': buildSpcr({ ...uart, space: 0 }) }, true).acpi?.console?.space,
    ).toBeUndefined();
  });

  it('names broken tables, and decides nothing by them', () => {
    const { acpi, broken } = read({
      'acpi-FACP': buildFadt().map((byte) => byte ^ 1),
      'acpi-GTDT': buildGtdt(),
    });
    expect(acpi).toEqual({ tables: ['FACP', 'APIC'], watchdogs: 0 });
    expect(broken).toEqual([
      { fact: 'acpi-FACP', reason: expect.stringContaining('ACPI table FACP: its signature') },
    ]);
  });
});
