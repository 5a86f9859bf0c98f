import type { BoundedBytes } from '../../base/bytes.js';
import { ACPI_HEADER_SIZE, openAcpiTable } from './acpi-table.js';
import { GENERIC_ADDRESS_SIZE, type GenericAddress, readGenericAddress } from './generic-address.js';

/** A serial port for a debugger. */
export interface SerialDebugPort {
  /** The UART's type, numbered as in the SPCR. */
  readonly subtype: number;
  readonly register: GenericAddress;
}

const OFFSET_AT = ACPI_HEADER_SIZE;
const COUNT_AT = ACPI_HEADER_SIZE + 4;
const FIXED_SIZE = ACPI_HEADER_SIZE + 8;

/** The fixed fields of a device. */
const DEVICE_SIZE = 22;
const SERIAL = 0x8000;

/**
 * Parses the Debug Port Table 2, `DBG2` (Microsoft, revision 0): its serial ports with a register. A port that a
 * debugger may use need not be the console.
 *
 * @throws KexecError EBADMSG, `acpi-table`: as {@link openAcpiTable}; a device within the fixed fields, too short,
 *   beyond the table, or with its register outside.
 */
export function parseDbg2(file: Uint8Array): SerialDebugPort[] {
  const { bytes } = openAcpiTable(file, 'DBG2', FIXED_SIZE);
  const count = bytes.u32le(COUNT_AT);
  let at = bytes.u32le(OFFSET_AT);
  if (count > 0 && at < FIXED_SIZE) bytes.fail(`its devices begin at offset ${at}`, OFFSET_AT);
  const ports: SerialDebugPort[] = [];
  // Each device has at least 22 bytes, and the end of the table stops the loop, whatever the count is.
  for (let index = 0; index < count; index += 1) {
    const size = bytes.u16le(at + 1);
    if (size < DEVICE_SIZE) bytes.fail(`a device has ${size} bytes, fewer than ${DEVICE_SIZE}`, at);
    bytes.slice(at, size, 'a device');
    const port = readSerialPort(bytes, at, size);
    if (port !== undefined) ports.push(port);
    at += size;
  }
  return ports;
}

/** Reads the first register of a device. @returns undefined if it is no serial port, or has none */
function readSerialPort(bytes: BoundedBytes, at: number, size: number): SerialDebugPort | undefined {
  if (bytes.u8(at + 3) === 0 || bytes.u16le(at + 12) !== SERIAL) return undefined;
  const offset = bytes.u16le(at + 18);
  if (offset < DEVICE_SIZE || offset + GENERIC_ADDRESS_SIZE > size)
    bytes.fail(`the register of a device of ${size} bytes is at its offset ${offset}`, at);
  return { subtype: bytes.u16le(at + 14), register: readGenericAddress(bytes, at + offset) };
}
