import type { Machine } from './machine-value.js';

/** A board that QEMU emulates, of which machines are recorded. */
export interface QemuBoard {
  readonly architecture: Machine['architecture'];
  /** Its names with a version, as a regular expression. */
  readonly versioned: string;
  /** A name with a version, for people. */
  readonly example: string;
  /** The properties that may be set, and the values as regular expressions. */
  readonly properties: Readonly<Record<string, string>>;
  /** The property with which its CPUs start at exception level 2; left out if they have no such levels. */
  readonly secondLevel?: string;
  /** Whether QEMU itself describes the board, by a device tree. Any other is known to a kernel that has booted there. */
  readonly hasDeviceTree: boolean;
  /** The CPU model unless another one is given: of a PC, QEMU's own default. */
  readonly cpu: string;
  /** The kernel's name of its first serial port. */
  readonly console: string;
  /** What a kernel boots by there without UEFI firmware, for people. */
  readonly withoutUefi: string;
}

/** `2.11`, `7.2` */
const VERSION = String.raw`\d{1,2}\.\d{1,2}`;

/**
 * The boards by their names, the values of `-M`. QEMU's options can name files to read and to overwrite (`dumpdtb=`,
 * `firmware=`), and a machine file is data of other people. So only these properties may be set, and only to these
 * values.
 */
export const QEMU_BOARDS = {
  virt: {
    architecture: 'arm64',
    versioned: `virt-${VERSION}`,
    example: 'virt-7.2',
    properties: {
      acpi: 'on|off|auto',
      'gic-version': '2|3|4|max|host',
      highmem: 'on|off',
      iommu: 'none|smmuv3',
      its: 'on|off',
      mte: 'on|off',
      ras: 'on|off',
      secure: 'on|off',
      virtualization: 'on|off',
    },
    secondLevel: 'virtualization=on',
    hasDeviceTree: true,
    cpu: 'cortex-a57',
    console: 'ttyAMA0',
    withoutUefi: 'a device tree',
  },
  q35: {
    architecture: 'x86_64',
    versioned: `pc-q35-${VERSION}`,
    example: 'pc-q35-7.2',
    properties: {},
    hasDeviceTree: false,
    cpu: 'qemu64',
    console: 'ttyS0',
    withoutUefi: 'SeaBIOS',
  },
  pc: {
    architecture: 'x86_64',
    versioned: `pc-i440fx-${VERSION}`,
    example: 'pc-i440fx-7.2',
    properties: {},
    hasDeviceTree: false,
    cpu: 'qemu64',
    console: 'ttyS0',
    withoutUefi: 'SeaBIOS',
  },
} as const satisfies Record<string, QemuBoard>;

/** The name of a board, without a version. */
export type QemuBoardName = keyof typeof QEMU_BOARDS;

/** The names of all boards, or of those of an architecture. */
export function listBoards(architecture?: QemuBoard['architecture']): QemuBoardName[] {
  const names = Object.keys(QEMU_BOARDS) as QemuBoardName[];
  return names.filter(
    (name) => architecture === undefined || QEMU_BOARDS[name].architecture === architecture,
  );
}

/** The board that stands in for machines of an architecture. */
export function findUsualBoard(architecture: QemuBoard['architecture']): QemuBoardName {
  return architecture === 'arm64' ? 'virt' : 'q35';
}

/**
 * Finds the board of a machine.
 *
 * @param machine - the value of `-M`: a board, or a version of it, with or without properties
 * @returns undefined if there is none of that name
 */
export function findBoard(machine: string): QemuBoard | undefined {
  const [name = ''] = machine.split(',');
  const found = listBoards().find(
    (board) => board === name || new RegExp(`^${QEMU_BOARDS[board].versioned}$`).test(name),
  );
  return found && QEMU_BOARDS[found];
}

/** Builds parameters of a kernel on a board: its console is the first serial port, and a kernel that panics ends QEMU. */
export function buildConsoleParameters({ console }: Pick<QemuBoard, 'console'>): string {
  return `console=${console} panic=-1`;
}
