import { readBootTree } from '../../machine/architectures.js';
import {
  type ConsoleDriver,
  findDriverByDevice,
  findFirmwareConsole,
  parseConsoles,
} from '../../machine/console-devices.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, FindingFrame } from '../finding.js';
import type { NextKernel } from '../next-kernel.js';

const SOURCE =
  'console= on the command line, stdout-path in /chosen, SPCR of ACPI; Documentation/admin-guide/serial-console.rst';
const SILENCE = 'the next kernel prints nothing, and nobody can see whether it starts';

const NAMED_BY = { 'stdout-path': 'stdout-path', SPCR: "ACPI's SPCR" } as const;

/** Finds where the next kernel prints. The last line of the running kernel is "Bye!". */
export function diagnoseConsole(machine: Machine, next: NextKernel): Finding[] {
  const { commandLine, about, load } = next;
  const tree = readBootTree(machine);
  if (commandLine === undefined || tree === undefined) return [];
  const consoles = parseConsoles(commandLine);
  const named = findFirmwareConsole(machine, tree);
  const frame = { topic: 'console', about: load === undefined ? 'both' : about, source: SOURCE } as const;
  const where = load === undefined ? 'running ' : '';
  const target =
    consoles.length > 0
      ? `${consoles.join(', ')} (console= on the ${where}command line)`
      : named && `${named.name}, which ${NAMED_BY[named.by]} names`;
  if (target === undefined) return [buildNoConsoleFinding(machine, frame)];

  const firmware = named?.driver;
  const serial = consoles.flatMap((name) => findDriverByDevice(name) ?? []);
  const used = serial.length > 0 || firmware === undefined ? serial : [firmware];
  return [
    ...diagnoseDrivers(used, next, frame),
    ...diagnoseMismatch(consoles, serial, firmware, frame),
    {
      ...frame,
      severity: 'fine',
      fact: `the next kernel prints to ${target}`,
      why: 'its start is visible there; with earlycon, from its first line',
    },
  ];
}

function buildNoConsoleFinding({ acpi }: Machine, frame: FindingFrame): Finding {
  const mayBeNamed = acpi?.tables.includes('SPCR') === true;
  return {
    ...frame,
    severity: 'warns',
    fact:
      acpi === undefined || mayBeNamed
        ? "the command line has no console=, and the device tree's /chosen no stdout-path"
        : 'the command line has no console=, and ACPI has no table SPCR',
    why: `${acpi === undefined || mayBeNamed ? 'unless ACPI names a console (SPCR), ' : ''}${SILENCE}`,
    cure: 'add console= with the device of this machine (cat /proc/consoles), and earlycon to see the start',
  };
}

/** A console needs a driver in the next kernel. */
export function diagnoseDrivers(
  drivers: readonly ConsoleDriver[],
  { options }: NextKernel,
  frame: FindingFrame,
): Finding[] {
  return drivers
    .filter(({ option }) => isBuiltIn(options, option) === false)
    .map(({ device, option }) => ({
      ...frame,
      severity: 'warns',
      fact: `the console is a ${device}, and the next kernel has no CONFIG_${option}`,
      why: SILENCE,
      cure: `use a kernel with CONFIG_${option}=y, or another console=`,
      source: "the next kernel's configuration; console=, stdout-path",
    }));
}

/** The firmware's console is a UART that no console= names. */
function diagnoseMismatch(
  consoles: readonly string[],
  serial: readonly ConsoleDriver[],
  firmware: ConsoleDriver | undefined,
  frame: FindingFrame,
): Finding[] {
  if (firmware === undefined || serial.length === 0 || serial.includes(firmware)) return [];
  return [
    {
      ...frame,
      severity: 'warns',
      fact: `console=${consoles.join(' console=')}, but the firmware's console is ${firmware.uart} (${firmware.device})`,
      why: `if only that UART is connected, ${SILENCE}`,
      cure: `add console=${firmware.device}0`,
    },
  ];
}
