import { hex } from '../../../base/u64.js';
import { findAcpiConsole, type SerialPort } from '../../../machine/console.js';
import { findDriverByDevice, parseConsoles } from '../../../machine/console-devices.js';
import { COM_PORTS } from '../../../machine/x86-64/com-ports.js';
import type { X86Machine } from '../../../machine/x86-64/x86-machine.js';
import type { Finding, FindingFrame } from '../../finding.js';
import type { NextKernel } from '../../next-kernel.js';
import { diagnoseDrivers } from '../console-findings.js';

const SOURCE =
  'console= on the command line, SPCR of ACPI; Documentation/admin-guide/serial-console.rst, acpi_parse_spcr()';

/**
 * Finds where the next kernel prints. Kernels for x86_64 use the SPCR for `earlycon` alone: without `console=`, they
 * print to the screen.
 */
export function diagnoseX86Console(machine: X86Machine, next: NextKernel): Finding[] {
  const { commandLine, about, load } = next;
  if (commandLine === undefined) return [];
  const frame = { topic: 'console', about: load === undefined ? 'both' : about, source: SOURCE } as const;
  const consoles = parseConsoles(commandLine);
  const firmware = findAcpiConsole(machine);
  if (consoles.length === 0) return firmware === undefined ? [] : [buildNoConsoleFinding(firmware, frame)];
  const where = load === undefined ? 'running ' : '';
  const drivers = consoles.flatMap((name) => findDriverByDevice(name) ?? []);
  return [
    ...diagnoseDrivers(drivers, next, frame),
    ...diagnoseOtherPort(consoles, firmware, frame),
    {
      ...frame,
      severity: 'fine',
      fact: `the next kernel prints to ${consoles.join(', ')} (console= on the ${where}command line)`,
      why: 'its start is visible there; with earlycon, from its first line',
    },
  ];
}

function buildNoConsoleFinding(firmware: SerialPort, frame: FindingFrame): Finding {
  return {
    ...frame,
    severity: 'warns',
    fact: `the command line has no console=, and ACPI's SPCR names ${describePort(firmware)}`,
    why: 'a kernel for x86_64 uses the SPCR for earlycon alone: it prints to the screen, and nothing to that UART',
    cure: `add console=${findComDevice(firmware) ?? 'ttySN, with the number of that UART'}`,
  };
}

/** The firmware's console is a serial port of a PC, and console= names another one. */
function diagnoseOtherPort(
  consoles: readonly string[],
  firmware: SerialPort | undefined,
  frame: FindingFrame,
): Finding[] {
  const device = firmware && findComDevice(firmware);
  const named = consoles.filter((name) => COM_PORTS.has(name));
  if (firmware === undefined || device === undefined || named.length === 0 || named.includes(device))
    return [];
  return [
    {
      ...frame,
      severity: 'warns',
      fact: `console=${named.join(' console=')}, but the firmware's console is ${describePort(firmware)}`,
      why: 'if only that UART is connected, the next kernel prints nothing that anybody sees',
      cure: `add console=${device}`,
    },
  ];
}

function describePort({ kind, base }: SerialPort): string {
  return `the UART at ${kind === '8250-port' ? 'port ' : ''}${hex(base)}`;
}

function findComDevice({ kind, base }: SerialPort): string | undefined {
  if (kind !== '8250-port') return undefined;
  return [...COM_PORTS].find(([, port]) => port === base)?.[0];
}
