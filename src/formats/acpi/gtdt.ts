import { openAcpiTable } from './acpi-table.js';

/** What the GTDT says about watchdogs. */
export interface Gtdt {
  /** The number of Arm generic watchdogs that a kernel can use: those that are not secure. */
  readonly watchdogs: number;
}

const COUNT_AT = 88;
const OFFSET_AT = 92;
/** The fixed fields of revision 2; revision 3 adds the virtual EL2 timer. */
const FIXED_SIZE = 96;

/** Type and length of a platform timer. */
const TIMER_HEADER_SIZE = 3;
const WATCHDOG = 1;
const WATCHDOG_SIZE = 28;
const WATCHDOG_FLAGS_AT = 24;
const WATCHDOG_SECURE = 1 << 2;

/**
 * Parses the Generic Timer Description Table, `GTDT` (ACPI Specification 6.5, section 5.2.25): its watchdogs.
 *
 * @throws KexecError EBADMSG, `acpi-table`: as {@link openAcpiTable}; a platform timer within the fixed fields, too
 *   short, or beyond the table.
 */
export function parseGtdt(file: Uint8Array): Gtdt {
  const { bytes } = openAcpiTable(file, 'GTDT', FIXED_SIZE);
  const count = bytes.u32le(COUNT_AT);
  let at = bytes.u32le(OFFSET_AT);
  if (count > 0 && at < FIXED_SIZE) bytes.fail(`its platform timers begin at offset ${at}`, OFFSET_AT);
  let watchdogs = 0;
  // Each timer has at least three bytes, and the end of the table stops the loop, whatever the count is.
  for (let index = 0; index < count; index += 1) {
    const type = bytes.u8(at);
    const size = bytes.u16le(at + 1);
    const minimum = type === WATCHDOG ? WATCHDOG_SIZE : TIMER_HEADER_SIZE;
    if (size < minimum) bytes.fail(`a platform timer has ${size} bytes, fewer than ${minimum}`, at);
    bytes.slice(at, size, 'a platform timer');
    if (type === WATCHDOG && (bytes.u32le(at + WATCHDOG_FLAGS_AT) & WATCHDOG_SECURE) === 0) watchdogs += 1;
    at += size;
  }
  return { watchdogs };
}
