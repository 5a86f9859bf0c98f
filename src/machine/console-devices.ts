import { attempt, KexecError } from '../base/error.js';
import { hex } from '../base/u64.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../formats/fdt/tree.js';
import { readString, readStrings } from '../formats/fdt/values.js';
import type { AcpiConsole } from './acpi-facts.js';
import { readBootTree } from './architectures.js';
import { findParameterValues } from './command-line.js';
import type { MachineFacts } from './machine-facts.js';

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

export type ConsoleDriver = (typeof DRIVERS)[number];

/** Parses the devices of `console=`, without their options. `console=` and `console=null` turn printing off. */
export function parseConsoles(commandLine: string): string[] {
  return findParameterValues(commandLine, 'console')
    .map((value) => value.replace(/,.*$/, ''))
    .filter((device) => device !== '' && device !== 'null');
}

/** Whether a device is a screen: the virtual terminals, which nobody sees on a remote machine. */
function isScreen(device: string): boolean {
  return /^tty\d*$/.test(device);
}

export function findDriverByDevice(name: string): ConsoleDriver | undefined {
  return DRIVERS.find(({ device }) => new RegExp(`^${device}\\d+$`).test(name));
}

function findDriverByNode(node: FdtNode): ConsoleDriver | undefined {
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

/** The console that firmware names, to which a kernel without `console=` prints. */
export interface FirmwareConsole {
  /** For people: the name of its node, or its type and address. */
  readonly name: string;
  readonly by: 'stdout-path' | 'SPCR';
  /** Undefined for a UART of an unknown kind. */
  readonly driver: ConsoleDriver | undefined;
}

/** The device of each UART of ACPI's SPCR. */
const ACPI_DEVICES: Readonly<Record<AcpiConsole['type'], string | undefined>> = {
  pl011: 'ttyAMA0',
  'sbsa-uart': 'ttyAMA0',
  '16550': 'ttyS0',
  other: undefined,
};

/**
 * Finds the console that firmware names: stdout-path of the device tree, or the SPCR of ACPI.
 *
 * @returns undefined if there is none, or it was not recorded
 */
export function findFirmwareConsole({ acpi }: MachineFacts, tree: Fdt): FirmwareConsole | undefined {
  const stdout = findStdout(tree);
  if (stdout !== undefined) return { name: stdout.name, by: 'stdout-path', driver: findDriverByNode(stdout) };
  if (acpi?.console === undefined) return undefined;
  const { type, address } = acpi.console;
  const device = ACPI_DEVICES[type];
  const name = `the ${type === 'other' ? 'UART' : type} at ${hex(address)}`;
  return { name, by: 'SPCR', driver: device === undefined ? undefined : findDriverByDevice(device) };
}

/** Reads a property as a list of texts; empty if it is absent or malformed. */
function readTexts(node: FdtNode, name: string): string[] {
  const texts = attempt(() => readStrings(getProperty(node, name) ?? new Uint8Array(0)));
  return texts instanceof KexecError ? [] : texts;
}

/** The console of the running kernel, which the next kernel does not print to. */
export interface LostConsole {
  /** Its device: `ttyAMA0`. */
  readonly device: string;
  /** Where it is named: `console=`, or what counts without it: `stdout-path` of the device tree, ACPI's SPCR. */
  readonly by: 'console=' | FirmwareConsole['by'];
  /** The devices of the next kernel's `console=`; undefined if it has none. */
  readonly next: readonly string[] | undefined;
}

/**
 * Finds a console of the running kernel that the next one does not print to. Screens do not count. Without `console=`,
 * a kernel prints to what stdout-path or the SPCR names.
 *
 * @param commandLine - of the next kernel
 * @returns undefined if the consoles are the same, or those of the running kernel are not known
 */
export function findLostConsole(machine: MachineFacts, commandLine: string): LostConsole | undefined {
  const tree = readBootTree(machine);
  const found = attempt(() => tree && findFirmwareConsole(machine, tree));
  const console = found instanceof KexecError ? undefined : found;
  const firmware = console?.driver;
  const next =
    findParameterValues(commandLine, 'console').length > 0 ? parseConsoles(commandLine) : undefined;
  const running = parseConsoles(machine.commandLine ?? '').filter((device) => !isScreen(device));
  if (running.length > 0) {
    const isFirmware = (device: string) => firmware !== undefined && driverOf(device) === firmware;
    const isKept = running.some((device) => next?.includes(device) ?? isFirmware(device));
    const device = running.at(-1) as string;
    // A firmware's UART of an unknown kind may be the very console.
    const isUnknown = next === undefined && console !== undefined && driverOf(device) === undefined;
    return isKept || isUnknown ? undefined : { device, by: 'console=', next };
  }
  const isScreenOnly = parseConsoles(machine.commandLine ?? '').length > 0;
  if (console === undefined || firmware === undefined || next === undefined || isScreenOnly) return undefined;
  if (next.some((device) => driverOf(device) === firmware)) return undefined;
  return { device: `${firmware.device}0`, by: console.by, next };
}

/** The driver of a device; also of one that is named by its UART, as earlycon is, or by a number alone. */
function driverOf(device: string): ConsoleDriver | undefined {
  if (/^\d+$/.test(device)) return findDriverByDevice(`ttyS${device}`);
  if (device === 'pl011') return findDriverByDevice('ttyAMA0');
  if (/^uart(8250)?$/.test(device)) return findDriverByDevice('ttyS0');
  return findDriverByDevice(device);
}
