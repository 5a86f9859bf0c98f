/** ACPI tables, built from the fields' offsets in ACPI Specification 6.5 and Microsoft's SPCR specification. */
import type { AcpiFacts } from '../../src/machine/acpi-facts.js';

/** Fields by their offsets, and their sizes in bytes. */
type Fields = readonly (readonly [offset: number, size: 1 | 2 | 4 | 8, value: number | bigint])[];

/** Writes little-endian fields. */
function writeFields(bytes: Uint8Array, fields: Fields): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const [offset, size, value] of fields) {
    if (size === 1) view.setUint8(offset, Number(value));
    else if (size === 2) view.setUint16(offset, Number(value), true);
    else if (size === 4) view.setUint32(offset, Number(value), true);
    else view.setBigUint64(offset, BigInt(value), true);
  }
  return bytes;
}

/** Corrects the checksum of a table. */
export function sumAcpiTable(table: Uint8Array): Uint8Array {
  table[9] = 0;
  table[9] = -table.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return table;
}

/** A table with its header and checksum. */
export function buildAcpiTable(
  signature: string,
  { revision, size, fields }: { revision: number; size: number; fields: Fields },
): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode(`${signature}\0\0\0\0\0\0MAKER TABLE   `));
  return sumAcpiTable(
    writeFields(bytes, [
      [4, 4, size],
      [8, 1, revision],
      [24, 4, 1],
      [28, 4, 0x20544e49],
      [32, 4, 1],
      ...fields,
    ]),
  );
}

/** The reset register of a FADT; without fields, that of QEMU's q35. */
export interface FadtReset {
  readonly supported?: boolean;
  readonly space?: number;
  readonly access?: number;
  readonly address?: bigint;
  readonly value?: number;
}

/** The FADT of a version, 276 bytes as from 5.1 on. */
export function buildFadt({
  flags = 1,
  major = 6,
  minor = 5,
  reset,
}: {
  flags?: number;
  major?: number;
  minor?: number;
  reset?: FadtReset;
} = {}): Uint8Array {
  return buildAcpiTable('FACP', {
    revision: major,
    size: 276,
    fields: [...(reset === undefined ? [] : describeReset(reset)), [129, 2, flags], [131, 1, minor]],
  });
}

function describeReset({
  supported = true,
  space = 1,
  access = 1,
  address = 0xcf9n,
  value = 0x0f,
}: FadtReset): Fields {
  return [
    [112, 4, supported ? 1 << 10 : 0],
    [116, 1, space],
    [117, 1, 8],
    [119, 1, access],
    [120, 8, address],
    [128, 1, value],
  ];
}

/** A structure of the MADT, with its type and size. */
export function buildMadtStructure(type: number, size: number, fields: Fields = []): Uint8Array {
  return writeFields(new Uint8Array(Math.max(size, 2)), [[0, 1, type], [1, 1, size], ...fields]);
}

/** A CPU's structure, GICC. */
export function buildGicc({ flags = 1, parkingVersion = 0, parkedAddress = 0n, size = 82 } = {}): Uint8Array {
  return buildMadtStructure(0x0b, size, [
    [12, 4, flags],
    [16, 4, parkingVersion],
    [24, 8, parkedAddress],
    [68, 8, 1],
  ]);
}

/** The distributor's structure, GICD. */
export function buildGicd(version: number): Uint8Array {
  return buildMadtStructure(0x0c, 24, [
    [8, 8, 0x0800_0000],
    [20, 1, version],
  ]);
}

/** The structure of an ITS. */
export function buildIts(): Uint8Array {
  return buildMadtStructure(0x0f, 20, [[8, 8, 0x0808_0000]]);
}

/** The MADT with these structures. */
export function buildMadt(...structures: readonly Uint8Array[]): Uint8Array {
  const size = structures.reduce((sum, { length }) => sum + length, 44);
  const table = buildAcpiTable('APIC', { revision: 6, size, fields: [] });
  let at = 44;
  for (const structure of structures) {
    table.set(structure, at);
    at += structure.length;
  }
  return sumAcpiTable(table);
}

/** The SPCR; without fields, a PL011 as QEMU's virt has it. */
export function buildSpcr({
  type = 3,
  space = 0,
  access = 3,
  address = 0x0900_0000n,
  baudCode = 3,
  revision = 2,
  preciseBaud = 0,
} = {}): Uint8Array {
  const size = revision < 4 ? 80 : 90;
  return buildAcpiTable('SPCR', {
    revision,
    size,
    fields: [
      [36, 1, type],
      [40, 1, space],
      [41, 1, 32],
      [43, 1, access],
      [44, 8, address],
      [52, 1, 8],
      [54, 4, 33],
      [58, 1, baudCode],
      [60, 1, 1],
      [64, 2, 0xffff],
      [66, 2, 0xffff],
      ...(revision < 4
        ? []
        : ([
            [80, 4, preciseBaud],
            [84, 2, 2],
            [86, 2, 88],
            [88, 1, 0x2e],
          ] as const)),
    ],
  });
}

/** A generic watchdog of the GTDT. */
export function buildWatchdog({ flags = 0, size = 28 } = {}): Uint8Array {
  return writeFields(new Uint8Array(28), [
    [0, 1, 1],
    [1, 2, size],
    [4, 8, 0x2a44_0000],
    [24, 4, flags],
  ]);
}

/** The GTDT with these platform timers. */
export function buildGtdt(
  timers: readonly Uint8Array[] = [],
  { count = timers.length, offset = 104 } = {},
): Uint8Array {
  const size = timers.reduce((sum, { length }) => sum + length, 104);
  const table = buildAcpiTable('GTDT', {
    revision: 3,
    size,
    fields: [
      [88, 4, count],
      [92, 4, offset],
    ],
  });
  let at = 104;
  for (const timer of timers) {
    table.set(timer, at);
    at += timer.length;
  }
  return sumAcpiTable(table);
}

/** A device of the DBG2; without fields, an SBSA UART. */
export function buildDebugDevice({
  type = 0x8000,
  subtype = 0x0e,
  registers = 1,
  registerAt = 22,
  size = 38,
} = {}): Uint8Array {
  return writeFields(new Uint8Array(38), [
    [1, 2, size],
    [3, 1, registers],
    [12, 2, type],
    [14, 2, subtype],
    [18, 2, registerAt],
    [20, 2, 34],
    [23, 1, 32],
    [25, 1, 3],
    [26, 8, 0x1000_0262_0000],
    [34, 4, 8],
  ]);
}

/** The DBG2 with these devices. */
export function buildDbg2(
  devices: readonly Uint8Array[] = [buildDebugDevice()],
  { count = devices.length, offset = 44 } = {},
): Uint8Array {
  const size = devices.reduce((sum, { length }) => sum + length, 44);
  const table = buildAcpiTable('DBG2', {
    revision: 0,
    size,
    fields: [
      [36, 4, offset],
      [40, 4, count],
    ],
  });
  let at = 44;
  for (const device of devices) {
    table.set(device, at);
    at += device.length;
  }
  return sumAcpiTable(table);
}

/** The facts of a machine with the tables that servers have. */
export function buildAcpiFacts({
  cpuMethod,
  console,
}: {
  cpuMethod?: AcpiFacts['cpuMethod'];
  console?: AcpiFacts['console'];
}): AcpiFacts {
  return {
    tables: ['FACP', 'APIC', 'SPCR', 'GTDT'],
    ...(cpuMethod === undefined ? {} : { cpuMethod }),
    ...(console === undefined ? {} : { console }),
  };
}
