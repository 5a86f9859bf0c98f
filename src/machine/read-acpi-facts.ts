import { attempt, KexecError } from '../base/error.js';
import { parseDbg2, type SerialDebugPort } from '../formats/acpi/dbg2.js';
import { parseArmBootFlags } from '../formats/acpi/fadt.js';
import { type GenericAddress, MAX_PORT, MEMORY_SPACE, PORT_SPACE } from '../formats/acpi/generic-address.js';
import { parseGtdt } from '../formats/acpi/gtdt.js';
import { type Madt, parseMadt } from '../formats/acpi/madt.js';
import { parseSpcr, type Spcr } from '../formats/acpi/spcr.js';
import { ACPI_TABLES, type AcpiConsole, type AcpiFacts, type AcpiUart } from './acpi-facts.js';
import type { Collected } from './collected.js';
import type { UnknownFact } from './machine-facts.js';

/** Serial port subtypes of the DBG2 specification, which the SPCR uses; the kernel's driver by `acpi_parse_spcr()`. */
const UART_TYPES: ReadonlyMap<number, AcpiUart['type']> = new Map([
  [0x00, '16550'],
  [0x01, '16550'],
  [0x03, 'pl011'],
  [0x05, '16550'],
  [0x0d, 'sbsa-uart'],
  [0x0e, 'sbsa-uart'],
  [0x12, '16550'],
]);

/** What was read from the tables, and a reason for each that is broken. */
interface AcpiReading {
  /** Undefined if the machine has no tables. */
  readonly acpi: AcpiFacts | undefined;
  readonly broken: readonly UnknownFact[];
}

/**
 * Reads the collected ACPI tables. A broken one decides nothing, and is listed with the reason.
 *
 * @param hasPorts - whether the machine has x86's I/O space; if not, a UART there is ignored
 */
export function readAcpiFacts(known: Collected, hasPorts: boolean): AcpiReading {
  const tables = (known['acpi-tables'] ?? '')
    .split('\n')
    .flatMap((path) => (path === '' ? [] : [path.slice(path.lastIndexOf('/') + 1)]))
    .filter((name) => ACPI_TABLES.some((table) => table === name));
  if (tables.length === 0) return { acpi: undefined, broken: [] };

  const broken: UnknownFact[] = [];
  const read = <T>(name: AcpiFile, parse: (file: Uint8Array) => T): T | undefined => {
    const file = known[name];
    const value = file && attempt(() => parse(file));
    if (!(value instanceof KexecError)) return value;
    broken.push({ fact: name, reason: value.seen });
    return undefined;
  };
  const fadt = read('acpi-FACP', parseArmBootFlags);
  const madt = read('acpi-APIC', parseMadt);
  const console = findConsole(read('acpi-SPCR', parseSpcr), hasPorts);
  const ports = read('acpi-DBG2', parseDbg2);
  const gtdt = read('acpi-GTDT', parseGtdt);
  const cpuMethod = fadt && (fadt.hasPsci ? (fadt.usesHvc ? 'psci-hvc' : 'psci-smc') : findParking(madt));
  return {
    acpi: {
      tables,
      ...(cpuMethod === undefined ? {} : { cpuMethod }),
      ...(console === undefined ? {} : { console }),
      ...(ports === undefined ? {} : { debugPorts: ports.flatMap((port) => findPort(port, hasPorts)) }),
      ...(madt === undefined ? {} : { gic: findGic(madt) }),
      ...(gtdt === undefined ? {} : { watchdogs: gtdt.watchdogs }),
    },
    broken,
  };
}

type AcpiFile = 'acpi-FACP' | 'acpi-APIC' | 'acpi-SPCR' | 'acpi-DBG2' | 'acpi-GTDT';

/** Without PSCI, CPUs may wait in the parking protocol (kernel function `acpi_parking_protocol_valid()`). */
function findParking(madt: Madt | undefined): AcpiFacts['cpuMethod'] {
  const isParked = madt?.cpus.some(
    ({ isUsable, parkingVersion, parkedAddress }) => isUsable && parkingVersion > 0 && parkedAddress > 0n,
  );
  return isParked === undefined ? undefined : isParked ? 'parking-protocol' : 'unknown';
}

function findGic({ gicVersion, itsCount }: Madt): NonNullable<AcpiFacts['gic']> {
  return { ...(gicVersion === undefined ? {} : { version: gicVersion }), its: itsCount };
}

function findConsole(spcr: Spcr | undefined, hasPorts: boolean): AcpiConsole | undefined {
  const uart = spcr && describeUart(spcr.interfaceType, spcr.register, hasPorts);
  return uart && { ...uart, ...(spcr.baud === undefined ? {} : { baud: spcr.baud }) };
}

function findPort({ subtype, register }: SerialDebugPort, hasPorts: boolean): AcpiUart[] {
  const uart = describeUart(subtype, register, hasPorts);
  return uart === undefined ? [] : [uart];
}

/** @returns undefined if the UART is in a space that the machine does not have, or at a port beyond the last one */
function describeUart(
  type: number,
  { space, accessBits, address }: GenericAddress,
  hasPorts: boolean,
): AcpiUart | undefined {
  const isPort = hasPorts && space === PORT_SPACE && address <= MAX_PORT;
  if (space !== MEMORY_SPACE && !isPort) return undefined;
  return {
    type: UART_TYPES.get(type) ?? 'other',
    ...(isPort ? { space: 'port' } : {}),
    address,
    ...(accessBits === undefined ? {} : { accessBits }),
  };
}
