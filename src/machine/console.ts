import { MAX_PORT } from '../formats/acpi/generic-address.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import { readRegisterAddress } from '../formats/fdt/translate.js';
import type { Fdt, FdtNode } from '../formats/fdt/tree.js';
import { readString, readStrings, readU32 } from '../formats/fdt/values.js';
import type { MachineFacts } from './machine-facts.js';

/** A UART that code without a driver can write to. */
export interface SerialPort {
  /** An 8250 has its registers in memory, an `8250-port` in x86's I/O space. */
  readonly kind: 'pl011' | 'sbsa-uart' | '8250' | '8250-port';
  /** Physical address of its registers, or the first of its ports. */
  readonly base: bigint;
  /** Of an 8250: its registers lie `1 << shift` bytes apart. */
  readonly shift: number;
  /** Of an 8250: the bytes of an access to a register. */
  readonly width: 1 | 2 | 4;
}

/** What a UART whose registers are words is compatible with, PL011 first: a PL011 may also be described as the other. */
const WORD_UARTS = [
  ['arm,pl011', 'pl011'],
  ['arm,sbsa-uart', 'sbsa-uart'],
] as const;

/** UARTs whose transmitter works as an 8250's. */
const UART_8250: readonly string[] = [
  'ns8250',
  'ns16450',
  'ns16550',
  'ns16550a',
  'ns16750',
  'ns16850',
  'snps,dw-apb-uart',
  'nvidia,tegra20-uart',
  'brcm,bcm2835-aux-uart',
];

/** Its binding fixes the values that others have in reg-shift and reg-io-width. */
const AUX_UART = 'brcm,bcm2835-aux-uart';

/**
 * The UART that /chosen's `stdout-path` names (Devicetree Specification v0.4, section 3.6), by its path or its alias.
 *
 * @returns undefined if there is none, or one of another kind
 * @throws KexecError `EINVAL`, check `dtb-value`, for a malformed property.
 */
export function findConsole(fdt: Fdt): SerialPort | undefined {
  const chosen = findNode(fdt, '/chosen');
  const value = chosen && (getProperty(chosen, 'stdout-path') ?? getProperty(chosen, 'linux,stdout-path'));
  if (value === undefined) return undefined;
  const [name = ''] = readString(value).split(':');
  const nodes = findNodes(fdt, name.startsWith('/') ? name : findAlias(fdt, name));
  return nodes && findSerialPort(nodes);
}

/**
 * The UART that ACPI's SPCR names. The registers of a 16550 in memory lie as far apart as an access is wide, as in the
 * kernel (`acpi_parse_spcr()`, earlycon's `mmio`, `mmio16` and `mmio32`); at ports, each is a byte (`io`).
 *
 * @returns undefined if there is none, one of another kind, or a 16550 whose accesses have other bits than 8, 16 and 32
 */
export function findAcpiConsole({ acpi }: MachineFacts): SerialPort | undefined {
  const { type, space, address: base, accessBits } = acpi?.console ?? {};
  if (base === undefined) return undefined;
  if (type === 'pl011' || type === 'sbsa-uart') return { kind: type, base, shift: 0, width: 4 };
  if (type !== '16550') return undefined;
  if (space === 'port') return base > MAX_PORT ? undefined : { kind: '8250-port', base, shift: 0, width: 1 };
  if (accessBits === 8) return { kind: '8250', base, shift: 0, width: 1 };
  if (accessBits === 16) return { kind: '8250', base, shift: 1, width: 2 };
  return accessBits === 32 ? { kind: '8250', base, shift: 2, width: 4 } : undefined;
}

function findAlias(fdt: Fdt, name: string): string {
  const aliases = findNode(fdt, '/aliases');
  const path = aliases && getProperty(aliases, name);
  return path === undefined ? '' : readString(path);
}

/** The nodes from the root to the one of a path. */
function findNodes({ root }: Fdt, path: string): FdtNode[] | undefined {
  if (!path.startsWith('/')) return undefined;
  const nodes = [root];
  for (const name of path.split('/').filter((part) => part !== '')) {
    const next = findNode(nodes.at(-1) as FdtNode, name);
    if (next === undefined) return undefined;
    nodes.push(next);
  }
  return nodes;
}

function findSerialPort(nodes: readonly FdtNode[]): SerialPort | undefined {
  const node = nodes.at(-1) as FdtNode;
  const compatible = getProperty(node, 'compatible');
  const base = readRegisterAddress(nodes);
  if (compatible === undefined || base === undefined) return undefined;
  const names = readStrings(compatible);
  const [, kind] = WORD_UARTS.find(([name]) => names.includes(name)) ?? [];
  if (kind !== undefined) return { kind, base, shift: 0, width: 4 };
  if (!names.some((name) => UART_8250.includes(name))) return undefined;
  if (names.includes(AUX_UART)) return { kind: '8250', base, shift: 2, width: 4 };
  const width = readNumber(node, 'reg-io-width') ?? 1;
  if (width !== 1 && width !== 2 && width !== 4) return undefined;
  return { kind: '8250', base, shift: readNumber(node, 'reg-shift') ?? 0, width };
}

function readNumber(node: FdtNode, name: string): number | undefined {
  const value = getProperty(node, name);
  return value && readU32(value);
}
