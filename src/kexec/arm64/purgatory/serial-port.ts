import { encodeU32le, encodeU64le } from '../../../base/bytes.js';
import { refuse } from '../../../base/error.js';
import { hex } from '../../../base/u64.js';
import { readDeviceTree } from '../../../machine/arm64/read-device-tree.js';
import { findAcpiConsole, findConsole } from '../../../machine/console.js';
import type { PurgatorySetup } from './purgatory-setup.js';

/** As macros.inc numbers them; without any, purgatory is silent. */
const SERIAL_KINDS = { pl011: 1, '8250': 2, 'sbsa-uart': 3 } as const;

/**
 * Sets the UART that purgatory prints to: the requested one, or that of the machine's stdout-path or SPCR.
 *
 * @throws KexecError `EINVAL`, check `purgatory-serial`, for one that only x86 can have.
 */
export function setSerial({ purgatory, options: { serial }, placement }: PurgatorySetup): void {
  const { machine, trail } = placement;
  const port =
    serial === 'none'
      ? undefined
      : (serial ?? findConsole(readDeviceTree(machine)) ?? findAcpiConsole(machine));
  if (port === undefined) {
    trail.note(
      'purgatory-serial',
      serial === 'none'
        ? 'purgatory is silent, as asked'
        : `${machine.acpi === undefined ? 'stdout-path' : "ACPI's SPCR"} names no UART that purgatory knows: it is silent`,
    );
    return;
  }
  const { kind, base, shift, width } = port;
  if (kind === '8250-port') {
    refuse(
      'purgatory-serial',
      'EINVAL',
      `purgatory would write to port ${hex(base)}, and arm64 has no ports`,
    );
  }
  purgatory.setSymbol('serial_kind', encodeU32le(SERIAL_KINDS[kind]));
  purgatory.setSymbol('serial_base', encodeU64le(base));
  purgatory.setSymbol('serial_shift', encodeU32le(shift));
  purgatory.setSymbol('serial_width', encodeU32le(width));
  trail.ok('purgatory-serial', `purgatory prints to the ${kind} at ${hex(base)}`);
}
