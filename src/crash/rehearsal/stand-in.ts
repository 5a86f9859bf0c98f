import { refuse } from '../../base/error.js';
import { size, totalSize } from '../../base/range.js';
import { alignUp, MIB } from '../../base/u64.js';
import { buildCaptureCommandLine, parseCommandLine } from '../../machine/command-line.js';
import type { CrashRegion, QemuOptions } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';

/** What is asked for in place of what the machine has. */
export interface StandInOptions {
  /** As QEMU takes it. */
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
  readonly cpu: string;
  readonly el: '1' | '2';
  /** Parameters `crashkernel=`, without that name, with commas and all: `256M,high`. */
  readonly crashkernel?: readonly string[] | undefined;
  /** The capture kernel's. */
  readonly commandLine?: string | undefined;
}

/** What stands in for a machine in a rehearsal. */
export interface StandIn {
  readonly qemu: QemuOptions;
  /** Of the kernel that is to crash. */
  readonly commandLine: string;
  readonly captureCommandLine: string;
  /** The parameters of the first that reserve. */
  readonly crashkernel: readonly string[];
  /** How it differs from the machine. */
  readonly notes: readonly string[];
}

/** CPUs that are worth having on a machine that is emulated. */
const MOST_CPUS = 4;
/** RAM is given in whole pieces of so much. */
const STEP = 64n * MIB;
/** Below this much RAM beside the crash region, a kernel does not come up with all that it is given. */
const LEAST = 512n * MIB;

/** The console of QEMU's virt board; `panic=-1` has a kernel that panics end QEMU. */
const CONSOLE = 'console=ttyAMA0 panic=-1';

/** What of a command line is about another board than QEMU's. */
const NOT_IN_QEMU = ['console', 'earlycon', 'acpi', 'panic'];

/**
 * What QEMU has to be, and what its kernels are told, to stand in for a machine. Of the running kernel's command line, what
 * decides about the crash region is taken: `crashkernel=` and `nokaslr`.
 *
 * @param most - RAM that QEMU can be given here, in bytes
 * @throws KexecError `EADDRNOTAVAIL`, check `crash-region`, if nothing is to be reserved; `ENOMEM`, check `rehearsal`, if
 *   the machine does not fit.
 */
export function planStandIn(machine: Machine, options: StandInOptions, most: bigint): StandIn {
  const notes: string[] = [];
  const parameters = parseCommandLine(machine.commandLine ?? '');
  const memory = options.memory ?? memoryOf(machine, most, notes);
  const isScaled = notes.length > 0;
  const crashkernel =
    options.crashkernel?.map((value) => `crashkernel=${value}`) ??
    (isScaled && machine.crashRegion !== undefined
      ? regionParameters(machine.crashRegion, notes)
      : parameters.filter(({ name }) => name === 'crashkernel').map(({ text }) => text));
  if (crashkernel.length === 0) {
    refuse(
      'crash-region',
      'EADDRNOTAVAIL',
      `the command line of ${machine.name} has no crashkernel=; --crashkernel rehearses with one`,
    );
  }
  const others = parameters.filter(({ name }) => name === 'nokaslr').map(({ text }) => text);
  return {
    qemu: {
      machine: options.el === '2' ? 'virt,virtualization=on' : 'virt',
      cpu: options.cpu,
      memory,
      cpus: options.cpus ?? cpusOf(machine, notes),
    },
    commandLine: [CONSOLE, ...crashkernel, ...others].join(' '),
    captureCommandLine: forQemu(options.commandLine ?? buildCaptureCommandLine(machine.commandLine ?? '')),
    crashkernel,
    notes,
  };
}

function memoryOf(machine: Machine, most: bigint, notes: string[]): string {
  const whole = alignUp(totalSize(machine.memory), STEP);
  const region = machine.crashRegion === undefined ? 0n : size(machine.crashRegion.high);
  const fits = most - (most % STEP);
  if (whole <= fits) return `${whole / MIB}M`;
  if (fits < region + LEAST) {
    refuse(
      'rehearsal',
      'ENOMEM',
      `there is room for ${fits / MIB} MiB of RAM here, and the crash region alone has ${region / MIB} MiB`,
    );
  }
  notes.push(`it has ${fits / MIB} MiB of RAM, the machine ${whole / MIB} MiB: there is no more room here`);
  return `${fits / MIB}M`;
}

/** By the sizes that were reserved: what a parameter gives may depend on how much RAM there is. */
function regionParameters({ high, low }: CrashRegion, notes: string[]): string[] {
  notes.push('crashkernel= asks for as much as the machine has reserved');
  const inMib = (bytes: bigint): string => `${(bytes + MIB - 1n) / MIB}M`;
  return low === undefined
    ? [`crashkernel=${inMib(size(high))}`]
    : [`crashkernel=${inMib(size(high))},high`, `crashkernel=${inMib(size(low))},low`];
}

function cpusOf({ possibleCpus = 1 }: Machine, notes: string[]): number {
  if (possibleCpus > MOST_CPUS) notes.push(`it has ${MOST_CPUS} CPUs, the machine ${possibleCpus}`);
  return Math.min(possibleCpus, MOST_CPUS);
}

function forQemu(commandLine: string): string {
  const kept = parseCommandLine(commandLine).filter(({ name }) => !NOT_IN_QEMU.includes(name));
  return [CONSOLE, ...kept.map(({ text }) => text)].join(' ');
}
