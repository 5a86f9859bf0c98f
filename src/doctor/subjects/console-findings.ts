import { KexecError } from '../../base/error.js';
import { findNode, getProperty } from '../../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../../formats/fdt/tree.js';
import { readString, readStrings } from '../../formats/fdt/values.js';
import { parseCommandLine } from '../../machine/command-line.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import { isBuiltIn, parseBootedTree } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

/** Console drivers: the device's name, the option that builds it as a console, and the UARTs that it drives. */
const DRIVERS = [
  {
    device: 'ttyAMA',
    option: 'SERIAL_AMBA_PL011_CONSOLE',
    uart: 'a PL011',
    compatible: /^arm,(pl011|sbsa-uart)$/,
  },
  {
    device: 'ttyS',
    option: 'SERIAL_8250_CONSOLE',
    uart: 'an 8250',
    compatible: /^(snps,dw-apb-uart|ns16550a?|ns8250|brcm,bcm2835-aux-uart|nvidia,tegra20-uart)$/,
  },
] as const;

type Driver = (typeof DRIVERS)[number];

const SOURCE =
  'console= on the command line, stdout-path in /chosen; Documentation/admin-guide/serial-console.rst';
const SILENCE = 'the next kernel starts in silence, and whether it starts at all cannot be seen';

/** Where the next kernel would print: the last thing that is seen of this one is "Bye!". */
export function diagnoseConsole(machine: Machine, next: NextKernel): Finding[] {
  const { commandLine, about } = next;
  const tree = parseBootedTree(machine);
  if (commandLine === undefined || tree === undefined) return [];
  const consoles = parseConsoles(commandLine);
  const stdout = findStdout(tree);
  const finding = {
    topic: 'console',
    about: next.load === undefined ? 'both' : about,
    source: SOURCE,
  } as const;

  if (consoles.length === 0 && stdout === undefined) {
    return [
      {
        ...finding,
        severity: 'warns',
        fact: "the command line has no console=, and the device tree's /chosen no stdout-path",
        why: `unless ACPI names a console (SPCR), ${SILENCE}`,
        cure: 'add console= with the device of this machine (cat /proc/consoles), and earlycon to see the start',
      },
    ];
  }
  const firmware = stdout === undefined ? undefined : findDriverByNode(stdout);
  const serial = consoles.flatMap((name) => findDriverByDevice(name) ?? []);
  return [
    ...diagnoseDrivers(serial.length > 0 ? serial : [firmware].filter(isDriver), next, finding),
    ...diagnoseMismatch(consoles, serial, firmware, finding),
    {
      ...finding,
      severity: 'fine',
      fact:
        consoles.length > 0
          ? `the next kernel prints to ${consoles.join(', ')} (console= on the ${next.load === undefined ? 'running ' : ''}command line)`
          : `the next kernel prints to ${stdout?.name}, which stdout-path names`,
      why: 'its start can be watched there; with earlycon, from its first line on',
    },
  ];
}

type Frame = Pick<Finding, 'topic' | 'about' | 'source'>;

function diagnoseDrivers(drivers: readonly Driver[], { options }: NextKernel, finding: Frame): Finding[] {
  return drivers
    .filter(({ option }) => isBuiltIn(options, option) === false)
    .map(({ device, option }) => ({
      ...finding,
      severity: 'warns',
      fact: `the console is a ${device}, and the next kernel has no CONFIG_${option}`,
      why: SILENCE,
      cure: `take a kernel with CONFIG_${option}=y, or another console=`,
      source: "the next kernel's configuration; console=, stdout-path",
    }));
}

/** A console= of one driver, where the firmware's own console is a UART of another. */
function diagnoseMismatch(
  consoles: readonly string[],
  serial: readonly Driver[],
  firmware: Driver | undefined,
  finding: Frame,
): Finding[] {
  if (firmware === undefined || serial.length === 0 || serial.includes(firmware)) return [];
  return [
    {
      ...finding,
      severity: 'warns',
      fact: `console=${consoles.join(' console=')}, but the firmware's console is ${firmware.uart} (${firmware.device})`,
      why: `if that is the only UART with a plug, ${SILENCE}`,
      cure: `add console=${firmware.device}0`,
    },
  ];
}

/** The devices of `console=`, without their options; `console=` and `console=null` turn printing off. */
function parseConsoles(commandLine: string): string[] {
  return parseCommandLine(commandLine)
    .filter(({ name }) => name === 'console')
    .map(({ text }) => text.replace(/^"?console="?/, '').replace(/[",].*$/, ''))
    .filter((device) => device !== '' && device !== 'null');
}

function findDriverByDevice(name: string): Driver | undefined {
  return DRIVERS.find(({ device }) => new RegExp(`^${device}\\d+$`).test(name));
}

function findDriverByNode(node: FdtNode): Driver | undefined {
  const compatible = readTexts(node, 'compatible');
  return DRIVERS.find((driver) => compatible.some((name) => driver.compatible.test(name)));
}

/** The node that stdout-path names, by its path or an alias; what follows a colon are the UART's settings. */
function findStdout(tree: Fdt): FdtNode | undefined {
  const chosen = findNode(tree, '/chosen');
  const [value] = chosen === undefined ? [] : readTexts(chosen, 'stdout-path');
  const name = value?.replace(/:.*$/, '');
  if (name === undefined || name === '') return undefined;
  if (name.startsWith('/')) return findNode(tree, name);
  const aliases = findNode(tree, '/aliases');
  const value2 = aliases === undefined ? undefined : getProperty(aliases, name);
  return value2 === undefined ? undefined : findNode(tree, readString(value2));
}

/** A list of texts; a value of another form tells nothing. */
function readTexts(node: FdtNode, name: string): string[] {
  try {
    return readStrings(getProperty(node, name) ?? new Uint8Array(0));
  } catch (error) {
    if (error instanceof KexecError) return [];
    throw error;
  }
}

function isDriver(driver: Driver | undefined): driver is Driver {
  return driver !== undefined;
}
