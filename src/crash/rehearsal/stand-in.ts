import { refuse } from '../../base/error.js';
import { size, totalSize } from '../../base/range.js';
import { alignUp, MIB } from '../../base/u64.js';
import { isBootedByUefi } from '../../machine/booted-by-uefi.js';
import { buildCaptureCommandLine } from '../../machine/capture-command-line.js';
import { parseCommandLine } from '../../machine/command-line.js';
import type { CrashRegion, QemuOptions } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import {
  buildConsoleParameters,
  findUsualBoard,
  QEMU_BOARDS,
  type QemuBoard,
} from '../../machine/qemu-boards.js';
import type { QemuFirmware } from '../../machine/qemu-firmware.js';

/** Options that replace facts of the machine. */
export interface StandInOptions {
  /** In QEMU's form: `2G`. */
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
  /** Of the CPU; the board's own if left out, or one with page tables of five levels if the machine uses them. */
  readonly cpu?: string | undefined;
  readonly el: '1' | '2';
  /** If left out, `uefi` for a machine that UEFI booted. */
  readonly firmware?: QemuFirmware | undefined;
  /** Values of `crashkernel=` parameters: `256M,high`. */
  readonly crashkernel?: readonly string[] | undefined;
  /** Of the capture kernel. */
  readonly commandLine?: string | undefined;
}

/** The guest that stands in for a machine in a rehearsal. */
export interface StandIn {
  readonly qemu: QemuOptions;
  readonly firmware: QemuFirmware;
  /** Of the kernel that crashes. */
  readonly commandLine: string;
  readonly captureCommandLine: string;
  /** The `crashkernel=` parameters of the kernel that crashes. */
  readonly crashkernel: readonly string[];
  /** How the guest differs from the machine. */
  readonly notes: readonly string[];
}

/** More CPUs are not worth emulating. */
const MAX_CPUS = 4;
/** The guest's RAM is a multiple of this, in bytes. */
const MEMORY_STEP = 64n * MIB;
/** RAM that a kernel needs beside the crash region to boot with the initrd of a rehearsal, in bytes. */
const MIN_MEMORY = 512n * MIB;

/** Parameters that concern a board other than QEMU's. */
const BOARD_PARAMETERS = ['console', 'earlycon', 'acpi', 'panic'];

/** The model of QEMU that has all that it emulates: on x86_64, page tables of five levels. */
const CPU_WITH_FIVE_LEVELS = 'max';

/**
 * Plans the guest that stands in for a machine. The parameters of the running kernel that decide about the crash region
 * are kept: `crashkernel=` and `nokaslr`.
 *
 * @param maxMemory - the RAM that this host can give to QEMU, in bytes
 * @throws KexecError `EADDRNOTAVAIL`, check `crash-region`, if nothing would be reserved; `ENOMEM`, check `rehearsal`,
 *   if the host has too little memory.
 */
export function planStandIn(machine: Machine, options: StandInOptions, maxMemory: bigint): StandIn {
  const notes: string[] = [];
  const boardName = findUsualBoard(machine.architecture);
  const board: QemuBoard = QEMU_BOARDS[boardName];
  const consoleParameters = buildConsoleParameters(board);
  const parameters = parseCommandLine(machine.commandLine ?? '');
  const memory = options.memory ?? chooseMemory(machine, maxMemory, notes);
  const isScaled = notes.length > 0;
  const crashkernel =
    options.crashkernel?.map((value) => `crashkernel=${value}`) ??
    (isScaled && machine.crashRegion !== undefined
      ? buildRegionParameters(machine.crashRegion, notes)
      : parameters.filter(({ name }) => name === 'crashkernel').map(({ text }) => text));
  if (crashkernel.length === 0) {
    refuse('crash-region', 'EADDRNOTAVAIL', `the command line of ${machine.name} has no crashkernel=`, {
      cure: 'give the rehearsal one (--crashkernel 256M); the machine itself needs it, too: kexec-file doctor says where',
    });
  }
  const others = parameters.filter(({ name }) => name === 'nokaslr').map(({ text }) => text);
  const firmware = chooseFirmware(machine, board, options, notes);
  return {
    firmware,
    qemu: {
      machine: [boardName, ...listProperties(machine, board, options, firmware)].join(','),
      cpu: options.cpu ?? chooseCpu(machine, board),
      memory,
      cpus: options.cpus ?? chooseCpus(machine, notes),
    },
    commandLine: [consoleParameters, ...crashkernel, ...others].join(' '),
    captureCommandLine: adaptCommandLine(
      options.commandLine ?? buildCaptureCommandLine(machine.commandLine ?? '', machine),
      consoleParameters,
    ),
    crashkernel,
    notes,
  };
}

function chooseFirmware(
  machine: Machine,
  { withoutUefi }: QemuBoard,
  options: StandInOptions,
  notes: string[],
): QemuFirmware {
  const own = isBootedByUefi(machine) ? 'uefi' : 'none';
  const { firmware = own } = options;
  if (firmware !== own) {
    const [ours, theirs] = own === 'uefi' ? [withoutUefi, 'UEFI'] : ['UEFI', withoutUefi];
    notes.push(`the guest boots by ${ours}, the machine by ${theirs}`);
  }
  return firmware;
}

/**
 * Lists properties of QEMU's board. On arm64, a board with UEFI has ACPI and the GIC's version as the machine has them, because
 * tables depend on them.
 */
function listProperties(
  machine: Machine,
  { secondLevel }: QemuBoard,
  { el }: StandInOptions,
  firmware: QemuFirmware,
): string[] {
  const level = el === '2' && secondLevel !== undefined ? [secondLevel] : [];
  if (machine.architecture !== 'arm64' || firmware !== 'uefi') return level;
  const { acpi, efi } = machine;
  const hasAcpi = efi?.tables?.some((name) => name.startsWith('ACPI')) ?? true;
  const hasGicV3 = (acpi?.gic?.version ?? 2) > 2;
  return [...level, ...(hasAcpi ? [] : ['acpi=off']), ...(hasGicV3 ? ['gic-version=3'] : [])];
}

function chooseCpu(machine: Machine, { cpu }: QemuBoard): string {
  const hasFiveLevels = machine.architecture === 'x86_64' && machine.x86.fiveLevels === true;
  return hasFiveLevels ? CPU_WITH_FIVE_LEVELS : cpu;
}

function chooseMemory(machine: Machine, maxMemory: bigint, notes: string[]): string {
  const whole = alignUp(totalSize(machine.memory), MEMORY_STEP);
  const region = machine.crashRegion === undefined ? 0n : size(machine.crashRegion.high);
  const fits = maxMemory - (maxMemory % MEMORY_STEP);
  if (whole <= fits) return `${whole / MIB}M`;
  if (fits < region + MIN_MEMORY) {
    refuse(
      'rehearsal',
      'ENOMEM',
      `this host has memory for a guest of ${fits / MIB} MiB, and the crash region alone has ${region / MIB} MiB`,
    );
  }
  notes.push(
    `the guest has ${fits / MIB} MiB of RAM, the machine ${whole / MIB} MiB: this host has no memory for more`,
  );
  return `${fits / MIB}M`;
}

/** Builds parameters for the sizes that the machine has reserved: its own parameters may depend on the size of RAM. */
function buildRegionParameters({ high, low }: CrashRegion, notes: string[]): string[] {
  notes.push('crashkernel= reserves as much as the machine has reserved');
  const inMib = (bytes: bigint): string => `${(bytes + MIB - 1n) / MIB}M`;
  return low === undefined
    ? [`crashkernel=${inMib(size(high))}`]
    : [`crashkernel=${inMib(size(high))},high`, `crashkernel=${inMib(size(low))},low`];
}

function chooseCpus({ possibleCpus = 1 }: Machine, notes: string[]): number {
  if (possibleCpus > MAX_CPUS) notes.push(`the guest has ${MAX_CPUS} CPUs, the machine ${possibleCpus}`);
  return Math.min(possibleCpus, MAX_CPUS);
}

function adaptCommandLine(commandLine: string, consoleParameters: string): string {
  const kept = parseCommandLine(commandLine).filter(({ name }) => !BOARD_PARAMETERS.includes(name));
  return [consoleParameters, ...kept.map(({ text }) => text)].join(' ');
}
