import { BoundedBytes, decodeLatin1 } from '../../base/bytes.js';

/** The header of every table: signature, length, revision, checksum, and the names of its makers. */
export const ACPI_HEADER_SIZE = 36;

const LENGTH_AT = 4;
const REVISION_AT = 8;
const CHECKSUM_MODULUS = 256;

/** A table whose signature, length and checksum are right. */
export interface AcpiTable {
  readonly revision: number;
  /** All of it, the header included. */
  readonly bytes: BoundedBytes;
}

/**
 * Opens a table as /sys/firmware/acpi/tables has it (ACPI Specification 6.5, section 5.2.6). The kernel also uses
 * tables with a wrong checksum, after a warning; this refuses them.
 *
 * @param signature - its four characters, such as `FACP`
 * @param minimum - the fewest bytes with all the fields that the caller reads
 * @throws KexecError EBADMSG, `acpi-table`: another signature, a length that is not the file's or under the minimum, or
 *   a wrong checksum.
 */
export function openAcpiTable(file: Uint8Array, signature: string, minimum = ACPI_HEADER_SIZE): AcpiTable {
  const bytes = new BoundedBytes(file, {
    what: `ACPI table ${signature}`,
    check: 'acpi-table',
    errno: 'EBADMSG',
  });
  bytes.slice(0, ACPI_HEADER_SIZE, 'the header');
  const found = decodeLatin1(file, 0, signature.length);
  if (found !== signature) bytes.fail(`its signature is ${JSON.stringify(found)}`, 0);
  const length = bytes.u32le(LENGTH_AT);
  if (length !== file.length)
    bytes.fail(`its length is ${length} in a file of ${file.length} bytes`, LENGTH_AT);
  const sum = file.reduce((total, byte) => (total + byte) % CHECKSUM_MODULUS, 0);
  if (sum !== 0) bytes.fail(`the sum of its bytes is ${sum}, not 0`);
  if (length < minimum) bytes.fail(`it has ${length} bytes, fewer than ${minimum}`, LENGTH_AT);
  return { revision: bytes.u8(REVISION_AT), bytes };
}
