import { type Command, InvalidArgumentError, Option } from 'commander';
import type { QemuOptions } from '../../machine/machine-facts.js';
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

/** Adds the options. Without defaults, RAM and CPUs are undefined unless given. */
export function addQemuOptions(
  command: Command,
  { memory, smp }: Partial<Pick<QemuCliOptions, 'memory' | 'smp'>> = { memory: '2G', smp: 2 },
): Command {
  return command
    .option('--memory <size>', "RAM, as for QEMU's -m", memory)
    .addOption(
      new Option('--smp <cpus>', 'number of CPUs').default(smp).argParser(wholeNumber(1, MAX_QEMU_CPUS)),
    )
    .option('--cpu <model>', "CPU model, as for QEMU's -cpu", 'cortex-a57')
    .addOption(
      new Option('--el <level>', 'exception level at which the CPU starts').choices(['1', '2']).default('1'),
    );
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

export function readQemuOptions({ memory, smp, cpu, el }: QemuCliOptions): QemuOptions {
  return { machine: el === '2' ? 'virt,virtualization=on' : 'virt', cpu, memory, cpus: smp };
}
