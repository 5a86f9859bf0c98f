import { openAcpiTable } from './acpi-table.js';
import { type GenericAddress, readGenericAddress } from './generic-address.js';

/** The console that firmware names. */
export interface Spcr {
  /** The UART's type: the subtype of serial ports in the DBG2 specification. */
  readonly interfaceType: number;
  readonly register: GenericAddress;
  /** Bits a second; undefined if the UART is to be left as it is, or for a number that is not defined. */
  readonly baud: number | undefined;
}

/** All revisions have these bytes. Revision 4 added a precise speed and a name. */
const SIZE = 80;
const PRECISE_BAUD_AT = 80;
const PRECISE_BAUD_REVISION = 4;

const BAUDS: Readonly<Record<number, number>> = { 3: 9600, 4: 19200, 6: 57600, 7: 115200 };

/**
 * Parses the Serial Port Console Redirection Table, `SPCR` (Microsoft, revision 4, of which ACPI Specification 6.5,
 * section 5.2.6, has the address).
 *
 * @returns undefined if its address is 0: console redirection is off
 * @throws KexecError EBADMSG, `acpi-table`, as {@link openAcpiTable}.
 */
export function parseSpcr(file: Uint8Array): Spcr | undefined {
  const { revision, bytes } = openAcpiTable(file, 'SPCR', SIZE);
  const register = readGenericAddress(bytes, 40);
  if (register.address === 0n) return undefined;
  const precise = revision >= PRECISE_BAUD_REVISION ? bytes.u32le(PRECISE_BAUD_AT) : 0;
  return {
    interfaceType: bytes.u8(36),
    register,
    baud: precise === 0 ? BAUDS[bytes.u8(58)] : precise,
  };
}
