import { type Command, InvalidArgumentError, Option } from 'commander';
import { ON_MISMATCH, type OnMismatch, type PurgatoryOptions } from '../../kexec/hand-over-options.js';
import type { SerialPort } from '../../machine/console.js';
import { parseAddress } from './option-values.js';

/** The options for purgatory. */
export interface PurgatoryCliOptions {
  readonly checks: boolean;
  readonly serial?: SerialPort | 'none';
  readonly onMismatch?: OnMismatch;
}

export function addPurgatoryOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--no-checks',
        'purgatory starts the kernel without verification and without output',
      ).conflicts(['serial', 'onMismatch']),
    )
    .option(
      '--serial <port>',
      "serial port for purgatory: none, pl011,ADDRESS, sbsa-uart,ADDRESS, 8250,ADDRESS[,SHIFT[,WIDTH]] or 8250-port,PORT[,SHIFT[,WIDTH]] (default: the machine's stdout-path, or ACPI's SPCR; on x86_64 that of console=, earlycon= or the SPCR)",
      parseSerial,
    )
    .addOption(
      new Option(
        '--on-mismatch <action>',
        'what purgatory does if verification fails (default: reset; for a crash kernel, halt)',
      ).choices(ON_MISMATCH),
    );
}

export function readPurgatoryOptions({ checks, serial, onMismatch }: PurgatoryCliOptions): PurgatoryOptions {
  return { checks, serial, onMismatch };
}

/** Parses the name of a port. @throws InvalidArgumentError */
export function parseSerial(text: string): SerialPort | 'none' {
  if (text === 'none') return 'none';
  const [kind, address, ...layout] = text.split(',');
  if (address === undefined) throwInvalidPort();
  const base = parseAddress(address);
  if ((kind === 'pl011' || kind === 'sbsa-uart') && layout.length === 0)
    return { kind, base, shift: 0, width: 4 };
  const [shift = '0', width = '1', ...rest] = layout;
  if ((kind !== '8250' && kind !== '8250-port') || rest.length > 0) throwInvalidPort();
  const bytes = ([1, 2, 4] as const).find((count) => String(count) === width);
  if (!/^\d$/.test(shift) || bytes === undefined) throwInvalidPort();
  return { kind, base, shift: Number(shift), width: bytes };
}

function throwInvalidPort(): never {
  throw new InvalidArgumentError('a port such as none, pl011,0x9000000 or 8250,0x3f215040,2,4 is needed');
}
