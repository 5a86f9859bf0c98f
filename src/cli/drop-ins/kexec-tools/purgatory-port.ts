import type { SerialPort } from '../../../machine/console.js';
import { parseU64 } from '../../options/numbers.js';

/** The names of kexec-tools. */
const NAMES: Readonly<Record<string, bigint>> = { ttyS0: 0x3f8n, ttyS1: 0x2f8n };

/** An 8250 has eight registers, and the last port is 0xffff. */
const LAST_PORT = 0xfff8n;

/**
 * Parses the port of `--serial` as kexec-tools does on x86_64 (`arch_process_options()`): a name, or a number after `0x`.
 *
 * @returns undefined if it is neither
 */
export function parseSerialPort(text: string): SerialPort | undefined {
  const base = Object.hasOwn(NAMES, text) ? NAMES[text] : text.startsWith('0x') ? parseU64(text) : undefined;
  return base === undefined || base === 0n || base > LAST_PORT ? undefined : describePort(base);
}

/** The port of `--console-serial` without `--serial`. */
export const FIRST_PORT: SerialPort = describePort(0x3f8n);

function describePort(base: bigint): SerialPort {
  return { kind: '8250-port', base, shift: 0, width: 1 };
}
