import { type Command, InvalidArgumentError, Option } from 'commander';
import type { QemuOptions } from '../../machine/machine-facts.js';

/** The options that say which machine QEMU is. */
export interface QemuCliOptions {
  readonly memory: string;
  readonly smp: number;
  readonly cpu: string;
  readonly el: '1' | '2';
}

/** Adds them. Without defaults, RAM and CPUs stay open. */
export function addQemuOptions(
  command: Command,
  { memory, smp }: Partial<Pick<QemuCliOptions, 'memory' | 'smp'>> = { memory: '2G', smp: 2 },
): Command {
  return command
    .option('--memory <size>', "RAM, as QEMU's -m takes it", memory)
    .addOption(
      new Option('--smp <cpus>', 'number of CPUs').default(smp).argParser((text) => {
        const cpus = Number(text);
        if (!Number.isInteger(cpus) || cpus < 1)
          throw new InvalidArgumentError('a whole number above 0 is needed');
        return cpus;
      }),
    )
    .option('--cpu <model>', "CPU, as QEMU's -cpu takes it", 'cortex-a57')
    .addOption(
      new Option('--el <level>', 'exception level at which the CPU starts').choices(['1', '2']).default('1'),
    );
}

/** How long a guest may run. */
export function timeoutOption(text: string): Option {
  return new Option('--timeout <seconds>', text).argParser((value) => {
    const seconds = Number(value);
    if (!(seconds > 0)) throw new InvalidArgumentError('a number of seconds above 0 is needed');
    return seconds;
  });
}

export function qemuOptions({ memory, smp, cpu, el }: QemuCliOptions): QemuOptions {
  return { machine: el === '2' ? 'virt,virtualization=on' : 'virt', cpu, memory, cpus: smp };
}
