import { MAX_PORT } from '../../formats/acpi/generic-address.js';
import { findParameterValues } from '../../machine/command-line.js';
import { findAcpiConsole, type SerialPort } from '../../machine/console.js';
import { COM_PORTS } from '../../machine/x86-64/com-ports.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';

/** A UART that purgatory can print to, and who names it. */
export interface NamedSerialPort {
  readonly port: SerialPort;
  readonly by: 'console=' | 'earlycon=' | "ACPI's SPCR";
}

/**
 * How `uart8250,SPACE,ADDRESS` is accessed, by the name of the space: Documentation/admin-guide/kernel-parameters.txt,
 * "earlycon=". The registers lie as far apart as an access is wide.
 */
const LAYOUTS: ReadonlyMap<string, Omit<SerialPort, 'base'>> = new Map([
  ['io', { kind: '8250-port', shift: 0, width: 1 }],
  ['mmio', { kind: '8250', shift: 0, width: 1 }],
  ['mmio16', { kind: '8250', shift: 1, width: 2 }],
  ['mmio32', { kind: '8250', shift: 2, width: 4 }],
  ['mmio32native', { kind: '8250', shift: 2, width: 4 }],
]);

/**
 * Finds the UART that purgatory prints to, unless the user names one: the last 8250 of the next kernel's `console=`, else
 * of its `earlycon=`, else that of the machine's SPCR.
 *
 * @returns undefined if none of them names one
 */
export function findSerialPort(machine: X86Machine, commandLine: string): NamedSerialPort | undefined {
  for (const name of ['console', 'earlycon'] as const) {
    const ports = findParameterValues(commandLine, name).map(parsePort);
    const port = ports.findLast((one) => one !== undefined);
    if (port !== undefined) return { port, by: `${name}=` };
  }
  const port = findAcpiConsole(machine);
  return port?.kind === '8250' || port?.kind === '8250-port' ? { port, by: "ACPI's SPCR" } : undefined;
}

/** Parses `ttyS0`, or `uart8250,SPACE,ADDRESS`; what follows, such as the speed, is the kernel's. */
function parsePort(value: string): SerialPort | undefined {
  const [device = '', space = '', address = ''] = value.split(',');
  const port = COM_PORTS.get(device);
  if (port !== undefined) return { kind: '8250-port', base: port, shift: 0, width: 1 };
  if (device !== 'uart8250' && device !== 'uart') return undefined;
  const layout = LAYOUTS.get(space);
  if (layout === undefined || !/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(address)) return undefined;
  const base = BigInt(address);
  return layout.kind === '8250-port' && base > MAX_PORT ? undefined : { ...layout, base };
}
