import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X86_PLATFORM } from '../../../../src/node/qemu/x86-platform.js';
import { corpus } from '../../corpus.js';
import { addVariables, type FirmwareVariable } from '../../firmware-variables.js';
import { runProgram } from '../../programs.js';
import { findSecureFirmware } from '../../secure-firmware.js';
import type { OracleRelease } from '../oracle.js';
import { buildProgram, readGuestFile } from '../program.js';
import { runToEnd } from '../qemu.js';
import {
  buildGuestInitrd,
  type LoadAnswer,
  limitTime,
  type OracleFiles,
  type OracleStage,
  prepareShare,
  readAnswers,
} from '../session.js';

/** An x86_64 machine and the stages on it, as those of arm64. */
export interface X86Session {
  readonly release: OracleRelease;
  /** QEMU's arguments for the machine: `-M`, `-m`, `-smp`, its firmware and so on. */
  readonly machine: readonly string[];
  /** What is added to the variables of firmware that knows Secure Boot; other firmware starts without variables. */
  readonly variables?: readonly FirmwareVariable[] | undefined;
  /** The first kernel's command line without the console. */
  readonly append: string;
  readonly files: OracleFiles;
  readonly stages: readonly OracleStage[];
}

/** What a kernel was given by the one before it, or by the boot loader. */
export interface GivenBoot {
  /** `/sys/kernel/boot_params/data`. */
  readonly bootParams: Uint8Array;
  readonly commandLine: string;
  /** Type and data of each node of setup_data, in their order: `/sys/kernel/boot_params/setup_data`. */
  readonly setupData: readonly { readonly type: number; readonly data: Uint8Array }[];
}

/** The results of a stage. */
export interface X86StageReport {
  readonly answers: readonly LoadAnswer[];
  /** The tar that `machine collector` wrote. */
  readonly machineTar: Uint8Array;
  readonly boot: GivenBoot;
  /** The number of kexec_load(2)'s errno: EINVAL, for its flags, unless it is refused altogether. */
  readonly segmentsErrno: number;
  /** The bytes of the segments before the kernel, if the last load was of a crash kernel: they lie in its region. */
  readonly contents: readonly Uint8Array[];
}

/** The firmware for machines with Secure Boot. */
export const X86_SECURE_FIRMWARE = { architecture: 'x86_64', keys: 'none' } as const;

/** On a busy host, the kernel's check of the timer may fail, and it panics: "IO-APIC + timer doesn't work!". */
const NO_CHECK = 'no_timer_check';

/** Room for the answers of a stage, in bytes. */
const ANSWERS_SIZE = 64 << 20;

let built: Uint8Array | undefined;

/** The initramfs of guest.sh for x86_64; built once. */
export function buildX86Initrd(): Uint8Array {
  built ??= buildGuestInitrd({
    busybox: readFileSync(corpus.x86Busybox()),
    syscall: buildProgram('x86-64/syscall.S', 'x86_64'),
    platform: readGuestFile('x86-64/platform.sh'),
  });
  return built;
}

/** The argument on a kernel's command line that names its stage. */
export function formatX86Stage(name: string): string {
  return `console=ttyS0 loglevel=1 panic=-1 stage=${name}`;
}

/**
 * Boots Debian's kernel of a release and runs a session.
 *
 * @returns a report for each stage
 * @throws Error if QEMU fails or takes too long, or a stage does not answer every load
 */
export async function askX86(session: X86Session): Promise<X86StageReport[]> {
  const { release, machine, variables, append, files, stages } = session;
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-oracle-'));
  const path = (name: string): string => join(folder, name);
  try {
    prepareShare(path('share'), files, stages);
    runProgram('tar', ['-c', '-f', path('disk-1'), '-C', path('share'), '.']);
    for (const index of stages.keys()) writeFileSync(path(`disk-${index + 2}`), '');
    for (const index of stages.keys()) truncateSync(path(`disk-${index + 2}`), ANSWERS_SIZE);
    writeFileSync(path('initrd'), buildX86Initrd());
    if (variables !== undefined) writeFileSync(path('variables'), buildVariables(variables));
    const console = await runToEnd(
      'qemu-system-x86_64',
      [
        ...X86_PLATFORM.accelerator,
        ...[...machine, '-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
        ...(variables === undefined
          ? []
          : ['-drive', `if=pflash,unit=1,format=raw,file=${path('variables')}`]),
        ...['-kernel', corpus.x86Oracle(release), '-initrd', path('initrd')],
        ...['-append', `${formatX86Stage(stages[0]?.name ?? '')} ${NO_CHECK} ${append}`],
        ...['-device', 'nvme,id=disks,serial=disks'],
        ...[1, ...Array.from(stages.keys(), (index) => index + 2)].flatMap((number) =>
          describeDisk(path(`disk-${number}`), number),
        ),
      ],
      limitTime(stages),
    );
    return stages.map((stage, index) => {
      unpackAnswers(path(`disk-${index + 2}`), path('share'), stage.name, console);
      const answers = readAnswers(path('share'), stage, console);
      return { answers, ...readOutputs(join(path('share'), stage.name)) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function buildVariables(variables: readonly FirmwareVariable[]): Uint8Array {
  const { variables: template } = findSecureFirmware(X86_SECURE_FIRMWARE);
  return addVariables(new Uint8Array(readFileSync(template)), variables);
}

/** A namespace of the NVMe controller. */
function describeDisk(file: string, number: number): string[] {
  return [
    ...['-drive', `if=none,id=disk${number},file=${file},format=raw`],
    ...['-device', `nvme-ns,drive=disk${number},nsid=${number}`],
  ];
}

function unpackAnswers(disk: string, share: string, stage: string, console: string): void {
  if (!readFileSync(disk).subarray(0, stage.length).equals(Buffer.from(stage))) {
    throw new Error(`the oracle, stage "${stage}", did not write its answers:\n${console}`);
  }
  runProgram('tar', ['-x', '-f', disk, '-C', share]);
}

function readOutputs(folder: string): Omit<X86StageReport, 'answers'> {
  const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
  const numbered = (name: string, prefix: string): Uint8Array[] =>
    (existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : [])
      .filter((file) => file.startsWith(prefix))
      .sort(new Intl.Collator('en', { numeric: true }).compare)
      .map((file) => bytes(join(name, file)));
  return {
    machineTar: bytes('machine.tar'),
    boot: {
      bootParams: bytes('boot/boot_params'),
      commandLine: readFileSync(join(folder, 'boot/cmdline'), 'latin1').trimEnd(),
      setupData: numbered('boot', 'setup_data-').map(parseSetupData),
    },
    segmentsErrno: Number(readFileSync(join(folder, 'segments'), 'latin1')),
    contents: numbered('contents', ''),
  };
}

/** The type as text with "0x" and a line feed, then the data. */
function parseSetupData(bytes: Uint8Array): GivenBoot['setupData'][number] {
  const end = bytes.indexOf(0x0a);
  return { type: Number(Buffer.from(bytes.subarray(0, end)).toString()), data: bytes.slice(end + 1) };
}
