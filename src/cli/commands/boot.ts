import { Command, InvalidArgumentError } from 'commander';
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { SEGMENT_NAMES } from '../../kexec/kimage.js';
import type { LoadRequest } from '../../kexec/request.js';
import { type TamperedBit, tamper } from '../../kexec/tamper.js';
import type { Machine } from '../../machine/machine-value.js';
import { findMachine } from '../../node/plan/find-machine.js';
import { planRequest } from '../../node/plan/plan-files.js';
import { receivedSignal } from '../../node/process/ending.js';
import { type BootOptions, bootInQemu } from '../../node/qemu/boot-qemu.js';
import type { BootEnd } from '../../node/qemu/qemu-process.js';
import { recordFromQemu } from '../../node/qemu/record-qemu.js';
import { buildSegmentJson } from '../../view/json/memory-json.js';
import { buildRefusedJson } from '../../view/json/plan-json.js';
import type { Report } from '../../view/json/schemas/report-schemas.js';
import { formatTrail } from '../../view/text/trail-text.js';
import { explainUsage } from '../help/explain-usage.js';
import { addLoadOptions, type LoadArguments } from '../options/load-arguments.js';
import {
  addQemuOptions,
  buildTimeoutOption,
  type QemuCliOptions,
  readQemuOptions,
} from '../options/qemu-options.js';
import { readRequest } from '../options/request-files.js';
import { complain } from '../terminal/complain.js';
import { printConsole, printError } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { errorView } from '../terminal/screen.js';
import { sayWhatIsLeft } from '../terminal/what-is-left.js';

/** What `boot --json` prints of a guest that ran. */
type BootReport = Extract<Report<'boot'>, { readonly end: string }>;

interface BootCliOptions extends LoadArguments, QemuCliOptions {
  readonly json?: boolean;
  readonly timeout?: number;
  readonly tamper?: TamperedBit;
}

export function buildBootCommand(): Command {
  return addQemuOptions(addLoadOptions(new Command()))
    .addOption(buildTimeoutOption('stop the guest after this time (default: never)'))
    .option('--json', 'print how the guest ended as JSON; its console is on standard error')
    .option(
      '--tamper <segment:offset>',
      'change one bit of a segment after its digest was computed, to see purgatory refuse it',
      parseTamper,
    )
    .addHelpText(
      'after',
      explainUsage({
        about: `
Boots exactly the segments that "plan" prints. The guest's serial console is on the terminal; Ctrl-C stops the guest.
--machine takes a machine that was recorded from QEMU, in place of --memory, --smp, --cpu and --el. A kernel for x86_64
needs one, such as the preset qemu-q35.

Exit code 0 if the guest powered off, 1 if it asked for a reset, as purgatory does when it refuses to start the kernel.`,
        examples: `
kexec-file boot vmlinuz --initrd initrd.img --command-line 'console=ttyAMA0'
kexec-file boot vmlinuz --initrd initrd.img --tamper initrd:0x100
kexec-file boot vmlinuz --el 2 --memory 4G --smp 4 --cpu neoverse-n1
kexec-file boot bzImage --machine qemu-q35 --command-line 'console=ttyS0'`,
      }),
    )
    .action(boot);
}

async function boot(kernel: string, options: BootCliOptions, command: Command): Promise<void> {
  if (options.panic === true) {
    const why = 'a crash kernel starts when another kernel crashes, but QEMU starts with this one';
    command.error(`error: --panic: ${why}`, { exitCode: 2 });
  }
  const machine = await findQemuMachine(options, command);
  const request = withOwnPurgatory(await readRequest(kernel, options, machine), machine);
  const result = await planRequest(request, machine);
  if ('refusal' in result) {
    if (options.json === true) printReport('boot', buildRefusedJson(result));
    else printError(formatTrail(result.trail, errorView()));
    throw result.refusal;
  }
  const kimage = options.tamper === undefined ? result.kimage : tamper(result.kimage, options.tamper);
  complain(`QEMU enters ${options.entry === undefined ? 'purgatory ' : ''}at ${hex(kimage.entry)}`);
  const end = await sayWhatIsLeft(
    () => 'nothing is left of the guest; run the same command again to boot it again',
    () => bootInQemu(kimage, machine.qemu, { ...readBootOptions(options), machine }),
  );
  if (options.json === true) {
    const { segments, entry } = kimage;
    printReport('boot', {
      machine: machine.name,
      type: kimage.type,
      entry: hex(entry),
      segments: segments.map(({ name, mem, memsz, bytes }) =>
        buildSegmentJson(name, mem, memsz, bytes.length),
      ),
      ...describeEnd(end),
    });
  }
  if (receivedSignal() !== undefined) return;
  if (!end.poweredOff) {
    const how = 'reset' in end ? 'the guest asked for a reset' : `stopped by ${end.signal}`;
    complain(how);
    process.exitCode = 1;
  }
}

/** No kernel runs in QEMU before this one, whose purgatory kexec_file_load would load on x86_64: it is ours, as for kexec_load. */
function withOwnPurgatory(request: LoadRequest, { architecture }: Machine): LoadRequest {
  return architecture === 'x86_64'
    ? { ...request, options: { ...request.options, call: 'segments' } }
    : request;
}

/** With a report on standard output, the guest's console is on standard error, and has no input. */
function readBootOptions({ timeout, json }: BootCliOptions): BootOptions {
  return { timeout, onConsole: json === true ? printConsole : undefined };
}

function describeEnd(end: BootEnd): Pick<BootReport, 'end' | 'signal'> {
  if (end.poweredOff) return { end: 'powered-off' };
  return 'reset' in end ? { end: 'reset' } : { end: 'signal', signal: end.signal };
}

/** `initrd:0x100` */
function parseTamper(text: string): TamperedBit {
  const [, segment = '', offset = ''] = /^([a-z-]+):(0x[0-9a-f]+|[0-9]+)$/i.exec(text) ?? [];
  const name = SEGMENT_NAMES.find((known) => known === segment);
  if (name === undefined || Number(offset) > Number.MAX_SAFE_INTEGER) {
    throw new InvalidArgumentError(
      `a segment (${SEGMENT_NAMES.join(', ')}) and an offset are needed, such as initrd:0x100`,
    );
  }
  return { segment: name, offset: Number(offset) };
}

type QemuMachine = Machine & Required<Pick<Machine, 'qemu'>>;

/** The machine for QEMU: a recorded one, or one that the options describe. */
async function findQemuMachine(options: BootCliOptions, command: Command): Promise<QemuMachine> {
  const machine =
    options.machine === undefined
      ? await recordFromQemu(readQemuOptions(options))
      : await findMachine(options.machine);
  if (machine.qemu === undefined) {
    refuse(
      'qemu-machine',
      'EINVAL',
      `${machine.name} has no options for QEMU: it was not recorded from QEMU, or UEFI firmware booted it there`,
    );
  }
  const ignored = ['memory', 'smp', 'cpu', 'el'].filter(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  if (options.machine !== undefined && ignored.length > 0) {
    command.error(`error: --machine describes QEMU's machine; --${ignored.join(', --')} would be ignored`, {
      exitCode: 2,
    });
  }
  return { ...machine, qemu: machine.qemu };
}
