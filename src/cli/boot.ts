import { Command, InvalidArgumentError, Option } from 'commander';
import { bootInQemu } from '../backends/qemu.js';
import { KexecError } from '../base/error.js';
import { hex } from '../base/u64.js';
import { recordFromQemu } from '../collect/qemu.js';
import type { Machine } from '../machine/machine.js';
import { trailText } from '../view/trail-text.js';
import { addLoadOptions, findMachine, type LoadOptions, loadFiles } from './load-options.js';
import { addQemuOptions, type QemuCliOptions, qemuOptions } from './qemu-options.js';

interface BootCliOptions extends LoadOptions, QemuCliOptions {
  readonly timeout?: number;
}

export function bootCommand(): Command {
  return addQemuOptions(addLoadOptions(new Command()))
    .addOption(
      new Option('--timeout <seconds>', 'stop the guest after so long').argParser((text) => {
        const seconds = Number(text);
        if (!(seconds > 0)) throw new InvalidArgumentError('a number of seconds above 0 is needed');
        return seconds;
      }),
    )
    .addHelpText(
      'after',
      `
The guest's serial console is on the terminal; Ctrl-C stops it. Exit code 0 when the guest powered off.

Examples:
  kexec-file boot vmlinuz --initrd initrd.img --command-line 'console=ttyAMA0'
  kexec-file boot vmlinuz --el 2 --memory 4G --smp 4 --cpu neoverse-n1 --timeout 60`,
    )
    .action(boot);
}

async function boot(kernel: string, options: BootCliOptions, command: Command): Promise<void> {
  if (options.panic === true) {
    const why = 'a crash kernel waits for another one to crash, and QEMU starts with this one';
    command.error(`error: --panic: ${why}`, { exitCode: 2 });
  }
  const machine = await qemuMachine(options, command);
  const result = await loadFiles(kernel, options, machine);
  if ('refusal' in result) {
    process.stderr.write(`${trailText(result.trail, { color: process.stderr.isTTY === true })}\n`);
    throw result.refusal;
  }
  process.stderr.write(
    `kexec-file: QEMU enters ${options.entry === undefined ? 'purgatory ' : ''}at ${hex(result.kimage.entry)}\n`,
  );
  const end = await bootInQemu(result.kimage, machine.qemu, { timeout: options.timeout });
  if (!end.poweredOff) {
    process.stderr.write(`kexec-file: stopped by ${end.signal}\n`);
    process.exitCode = 1;
  }
}

type QemuMachine = Machine & Required<Pick<Machine, 'qemu'>>;

/** The machine that QEMU will be: a recorded one, or one made of the options. */
async function qemuMachine(options: BootCliOptions, command: Command): Promise<QemuMachine> {
  const machine =
    options.machine === undefined
      ? await recordFromQemu(qemuOptions(options))
      : await findMachine(options.machine);
  if (machine.qemu === undefined) {
    const seen = `${machine.name} was not recorded from QEMU`;
    throw new KexecError({ check: 'qemu-machine', errno: 'EINVAL', seen });
  }
  const ignored = ['memory', 'smp', 'cpu', 'el'].filter(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  if (options.machine !== undefined && ignored.length > 0) {
    command.error(`error: --machine says what QEMU is; --${ignored.join(', --')} would be ignored`, {
      exitCode: 2,
    });
  }
  return { ...machine, qemu: machine.qemu };
}
