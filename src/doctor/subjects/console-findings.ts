import { attempt, KexecError } from '../../base/error.js';
import { findNode, getProperty } from '../../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../../formats/fdt/tree.js';
import { readString, readStrings } from '../../formats/fdt/values.js';
import { readBootTree } from '../../machine/architectures.js';
import { findParameterValues } from '../../machine/command-line.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, FindingFrame } from '../finding.js';
import { isBuiltIn } from '../intended-load.js';
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
const SILENCE = 'the next kernel prints nothing, and nobody can see whether it starts';

/** Finds where the next kernel prints. The last line of the running kernel is "Bye!". */
export function diagnoseConsole(machine: Machine, next: NextKernel): Finding[] {
  const { commandLine, about, load } = next;
  const tree = readBootTree(machine);
  if (commandLine === undefined || tree === undefined) return [];
  const consoles = parseConsoles(commandLine);
  const stdout = findStdout(tree);
  const frame = { topic: 'console', about: load === undefined ? 'both' : about, source: SOURCE } as const;
  if (consoles.length === 0 && stdout === undefined) return [buildNoConsoleFinding(frame)];

  const firmware = stdout && findDriverByNode(stdout);
  const serial = consoles.flatMap((name) => findDriverByDevice(name) ?? []);
  const used = serial.length > 0 || firmware === undefined ? serial : [firmware];
  const which = load === undefined ? 'running ' : '';
  return [
    ...diagnoseDrivers(used, next, frame),
    ...diagnoseMismatch(consoles, serial, firmware, frame),
    {
      ...frame,
      severity: 'fine',
      fact:
        consoles.length > 0
          ? `the next kernel prints to ${consoles.join(', ')} (console= on the ${which}command line)`
          : `the next kernel prints to ${stdout?.name}, which stdout-path names`,
      why: 'its start is visible there; with earlycon, from its first line',
    },
  ];
}

function buildNoConsoleFinding(frame: FindingFrame): Finding {
  return {
    ...frame,
    severity: 'warns',
    fact: "the command line has no console=, and the device tree's /chosen no stdout-path",
    why: `unless ACPI names a console (SPCR), ${SILENCE}`,
    cure: 'add console= with the device of this machine (cat /proc/consoles), and earlycon to see the start',
  };
}

function diagnoseDrivers(
  drivers: readonly Driver[],
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
  serial: readonly Driver[],
  firmware: Driver | undefined,
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

/** Parses the devices of `console=`, without their options. `console=` and `console=null` turn printing off. */
function parseConsoles(commandLine: string): string[] {
  return findParameterValues(commandLine, 'console')
    .map((value) => value.replace(/,.*$/, ''))
    .filter((device) => device !== '' && device !== 'null');
}

function findDriverByDevice(name: string): Driver | undefined {
  return DRIVERS.find(({ device }) => new RegExp(`^${device}\\d+$`).test(name));
}

function findDriverByNode(node: FdtNode): Driver | undefined {
  const compatible = readTexts(node, 'compatible');
  return DRIVERS.find((driver) => compatible.some((name) => driver.compatible.test(name)));
}

/** Finds the node that stdout-path names, by its path or by an alias. Settings of the UART follow a colon. */
function findStdout(tree: Fdt): FdtNode | undefined {
  const chosen = findNode(tree, '/chosen');
  const [value] = chosen === undefined ? [] : readTexts(chosen, 'stdout-path');
  const name = value?.replace(/:.*$/, '');
  if (name === undefined || name === '') return undefined;
  if (name.startsWith('/')) return findNode(tree, name);
  const aliases = findNode(tree, '/aliases');
  const path = aliases && getProperty(aliases, name);
  return path && findNode(tree, readString(path));
}

/** Reads a property as a list of texts; empty if it is absent or malformed. */
function readTexts(node: FdtNode, name: string): string[] {
  const texts = attempt(() => readStrings(getProperty(node, name) ?? new Uint8Array(0)));
  return texts instanceof KexecError ? [] : texts;
}
