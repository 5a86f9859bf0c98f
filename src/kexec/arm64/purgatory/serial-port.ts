import { encodeU32le, encodeU64le } from '../../../base/bytes.js';
import type { Trail } from '../../../base/trail.js';
import { hex } from '../../../base/u64.js';
import type { Fdt } from '../../../formats/fdt/tree.js';
import { consoleOf, type SerialPort } from '../../../machine/console.js';
import type { Purgatory } from './purgatory.js';

/** As macros.inc numbers them; without any, purgatory is silent. */
const SERIAL_KINDS = { pl011: 1, '8250': 2 } as const;

/**
 * Tells purgatory where it speaks.
 *
 * @param serial - the machine's stdout-path if left out
 * @param tree - the machine's
 */
export function setSerial(
  purgatory: Purgatory,
  serial: SerialPort | 'none' | undefined,
  tree: Fdt,
  trail: Trail,
): void {
  const port = serial === 'none' ? undefined : (serial ?? consoleOf(tree));
  if (port === undefined) {
    trail.note(
      'purgatory-serial',
      serial === 'none'
        ? 'purgatory is silent, as asked'
        : 'no UART that purgatory knows in stdout-path: it is silent',
    );
    return;
  }
  const { kind, base, shift, width } = port;
  purgatory.setSymbol('serial_kind', encodeU32le(SERIAL_KINDS[kind]));
  purgatory.setSymbol('serial_base', encodeU64le(base));
  purgatory.setSymbol('serial_shift', encodeU32le(shift));
  purgatory.setSymbol('serial_width', encodeU32le(width));
  trail.ok('purgatory-serial', `purgatory speaks to the ${kind} at ${hex(base)}`);
}
