import { type Command, InvalidArgumentError, Option } from 'commander';
import type { QemuOptions } from '../../machine/machine-facts.js';
import { listBoards, QEMU_BOARDS, type QemuBoard, type QemuBoardName } from '../../machine/qemu-boards.js';
import { QEMU_FIRMWARE } from '../../machine/qemu-firmware.js';
import { MAX_QEMU_CPUS } from '../../machine/qemu-patterns.js';
import { wholeNumber } from './option-values.js';

/** The options for the machine of QEMU. */
export interface QemuCliOptions {
  readonly memory: string;
  readonly smp: number;
  readonly cpu: string;
  readonly el: '1' | '2';
}

/** The same with a board. */
export interface BoardCliOptions extends Omit<QemuCliOptions, 'cpu'> {
  readonly board: QemuBoardName;
  /** The board's own if left out. */
  readonly cpu?: string;
}

type Sizes = Pick<QemuCliOptions, 'memory' | 'smp'>;

const SIZES: Sizes = { memory: '2G', smp: 2 };

/** Adds the options for the board virt. */
export function addQemuOptions(command: Command): Command {
  return addSizeOptions(command, SIZES)
    .option('--cpu <model>', "CPU model, as for QEMU's -cpu", QEMU_BOARDS.virt.cpu)
    .addOption(buildLevelOption('exception level at which the CPU starts'));
}

/** Adds the options with a board. */
export function addBoardOptions(command: Command): Command {
  return addMachineOptions(command.addOption(buildBoardOption()), SIZES);
}

/** Adds the options without a board, which follows from something else: RAM and CPUs are undefined unless given. */
export function addMachineOptions(command: Command, sizes: Partial<Sizes> = {}): Command {
  const cpus = new Set(listBoards().map((name) => QEMU_BOARDS[name].cpu));
  const defaults = [...cpus].map((cpu) => {
    const boards = listBoards().filter((name) => QEMU_BOARDS[name].cpu === cpu);
    return `${cpu} of ${boards.join(' and ')}`;
  });
  return addSizeOptions(command, sizes)
    .option('--cpu <model>', `CPU model, as for QEMU's -cpu (default: ${defaults.join(', ')})`)
    .addOption(buildLevelOption('exception level at which a CPU of virt starts'));
}

function buildBoardOption(): Option {
  const text = 'board of QEMU: virt of arm64; q35 or pc, PCs of x86_64';
  return new Option('--board <name>', text).choices(listBoards()).default('virt');
}

function addSizeOptions(command: Command, { memory, smp }: Partial<Sizes>): Command {
  return command
    .option('--memory <size>', "RAM, as for QEMU's -m", memory)
    .addOption(
      new Option('--smp <cpus>', 'number of CPUs').default(smp).argParser(wholeNumber(1, MAX_QEMU_CPUS)),
    );
}

function buildLevelOption(text: string): Option {
  return new Option('--el <level>', text).choices(['1', '2']).default('1');
}

/** Ends in wrong usage, if `--el` was given for a board without exception levels. */
export function checkLevel(command: Command, board: QemuBoardName): void {
  const { secondLevel }: QemuBoard = QEMU_BOARDS[board];
  if (secondLevel !== undefined || command.getOptionValueSource('el') !== 'cli') return;
  command.error(`error: --el: CPUs of ${board} have no exception levels`, { exitCode: 2 });
}

/** The option for UEFI firmware. @param text - what it is for, and its default */
export function buildFirmwareOption(text: string): Option {
  return new Option('--firmware <kind>', text).choices(QEMU_FIRMWARE);
}

/** The option for how long a guest may run. */
export function buildTimeoutOption(text: string): Option {
  return new Option('--timeout <seconds>', text).argParser((value) => {
    const seconds = Number(value);
    if (!(seconds > 0)) throw new InvalidArgumentError('a number of seconds above 0 is needed');
    return seconds;
  });
}

export function readQemuOptions(options: QemuCliOptions): QemuOptions {
  return readBoardOptions({ board: 'virt', ...options });
}

/** Reads the options with a board; `--el 2` changes nothing on one without exception levels. */
export function readBoardOptions({ board, memory, smp, el, cpu }: BoardCliOptions): QemuOptions {
  const { secondLevel, cpu: usual }: QemuBoard = QEMU_BOARDS[board];
  const properties = el === '2' && secondLevel !== undefined ? [secondLevel] : [];
  return { machine: [board, ...properties].join(','), cpu: cpu ?? usual, memory, cpus: smp };
}
