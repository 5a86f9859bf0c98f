import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCpio } from '../../../src/formats/cpio.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { buildCollectorScript } from '../../../src/node/collect/collector-script.js';
import { recordFromTar } from '../../../src/node/collect/record-tar.js';
import { corpus } from '../corpus.js';
import { runProgram, withTemporaryFolder } from '../programs.js';
import { buildProgram, readGuestScript } from './program.js';
import { bootOracle } from './qemu.js';

/** A load for the oracle. */
export interface OracleLoad {
  readonly type: 'default' | 'crash';
  /** The name of one of the session's files. */
  readonly kernel: string;
  /** The name of another file, or a number of zero bytes. */
  readonly initrd?: string | number | undefined;
  /** Without line breaks, and without spaces at either end. */
  readonly commandLine?: string | undefined;
}

/** The loads for one kernel, and how it ends. */
export interface OracleStage {
  readonly name: string;
  readonly loads: readonly OracleLoad[];
  /** `kexec` enters the kernel that was loaded last, `crash` the crash kernel that was loaded last. */
  readonly ending: 'power off' | 'kexec' | 'crash';
}

/** A machine and the stages on it. QEMU boots the kernel of the first stage, and each stage that of the next. */
export interface OracleSession {
  /** QEMU's arguments for the machine: `-M`, `-cpu`, `-m`, `-smp` and so on. */
  readonly machine: readonly string[];
  /** The device tree, instead of that of QEMU. */
  readonly deviceTree?: Uint8Array | undefined;
  /** The address of the oracle's initramfs, which is then not in the device tree; if left out, QEMU puts it there. */
  readonly initrdAddress?: bigint | undefined;
  /** The oracle's command line without the console. */
  readonly append: string;
  /** By name; names have no spaces. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly stages: readonly OracleStage[];
}

/** The result of a load: the errno's number, or 0; and the kernel's log during the call. */
export interface LoadAnswer {
  readonly errno: number;
  readonly log: string;
}

/** The results of a stage. */
export interface StageReport {
  /** The machine, as `machine record` reads it from the output of `machine collector`. */
  readonly machine: Machine;
  readonly answers: readonly LoadAnswer[];
}

/** Flags of kexec_file_load(2): ON_CRASH, NO_INITRAMFS, DEBUG. */
const FLAGS = { crash: 2, noInitramfs: 4, debug: 8 };

/** In milliseconds: longer than any machine needs to boot; and the additional time for each load. */
const BOOT_TIMEOUT = 120_000;
const LOAD_TIMEOUT = 5_000;

/** Fixed, so that the addresses of other files do not depend on the size of its programs. */
const INITRD_SIZE = 4 << 20;

let built: Uint8Array | undefined;

/** The initramfs whose init is guest.sh, padded with zeros; built once. */
export function buildPlacementInitrd(): Uint8Array {
  built ??= buildInitrd();
  return built;
}

function buildInitrd(): Uint8Array {
  const archive = buildCpio([
    { name: 'init', type: 'file', permissions: 0o755, bytes: readGuestScript('guest.sh') },
    { name: 'collector', type: 'file', permissions: 0o755, bytes: Buffer.from(buildCollectorScript()) },
    { name: 'bin', type: 'directory' },
    { name: 'bin/busybox', type: 'file', permissions: 0o755, bytes: readFileSync(corpus.busybox()) },
    { name: 'bin/syscall', type: 'file', permissions: 0o755, bytes: buildProgram('syscall.S') },
    { name: 'dev', type: 'directory' },
    { name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } },
  ]);
  if (archive.length > INITRD_SIZE) throw new Error(`an initramfs of ${archive.length} bytes`);
  const initrd = new Uint8Array(INITRD_SIZE);
  initrd.set(archive);
  return initrd;
}

/** The argument on a kernel's command line that names its stage. */
export function formatStageArgument(name: string): string {
  return `console=ttyAMA0 loglevel=1 panic=-1 stage=${name}`;
}

/** The device tree that QEMU makes for a machine. The first argument must be `-M`. */
export function dumpDeviceTree([m = '-M', type = 'virt', ...rest]: readonly string[]): Uint8Array {
  return withTemporaryFolder((folder) => {
    const file = join(folder, 'dtb');
    runProgram('qemu-system-aarch64', [
      m,
      `${type},dumpdtb=${file}`,
      ...rest,
      '-nodefaults',
      '-display',
      'none',
    ]);
    return new Uint8Array(readFileSync(file));
  });
}

/**
 * Boots the oracle and runs a session.
 *
 * @returns a report for each stage
 * @throws Error if QEMU fails or takes too long, or a stage does not answer every load
 */
export async function askPlacement(session: OracleSession): Promise<StageReport[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-oracle-'));
  const share = join(folder, 'share');
  const initrd = join(folder, 'initrd');
  const deviceTree = join(folder, 'dtb');
  const loads = session.stages.reduce((sum, stage) => sum + stage.loads.length, 0);
  try {
    prepareShare(share, session);
    const ownInitrd = buildPlacementInitrd();
    writeFileSync(initrd, ownInitrd);
    if (session.deviceTree !== undefined) writeFileSync(deviceTree, session.deviceTree);
    const { initrdAddress } = session;
    const initrdArgument =
      initrdAddress === undefined ? [] : [`initrd=0x${initrdAddress.toString(16)},${ownInitrd.length}`];
    const console = await bootOracle({
      machine: [...session.machine, ...(session.deviceTree === undefined ? [] : ['-dtb', deviceTree])],
      initrd,
      initrdAddress,
      append: [`stage=${session.stages[0]?.name}`, ...initrdArgument, session.append].join(' '),
      share,
      timeout: BOOT_TIMEOUT * session.stages.length + LOAD_TIMEOUT * loads,
    });
    const reports: StageReport[] = [];
    for (const stage of session.stages) {
      reports.push(await readReport(join(share, stage.name), stage, console));
    }
    return reports;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function prepareShare(share: string, { files, stages }: OracleSession): void {
  mkdirSync(join(share, 'files'), { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(share, 'files', name), bytes);
  for (const stage of stages) {
    mkdirSync(join(share, stage.name));
    writeFileSync(
      join(share, stage.name, 'requests'),
      stage.loads.map((load) => `${requestLine(load)}\n`).join(''),
    );
    writeFileSync(join(share, stage.name, 'ending'), stage.ending);
  }
}

function requestLine({ type, kernel, initrd, commandLine }: OracleLoad): string {
  const flags =
    FLAGS.debug + (type === 'crash' ? FLAGS.crash : 0) + (initrd === undefined ? FLAGS.noInitramfs : 0);
  const length = commandLine === undefined ? 0 : Buffer.byteLength(commandLine) + 1;
  return [flags, kernel, initrd ?? 0, length, commandLine ?? ''].join(' ');
}

async function readReport(
  folder: string,
  { name, loads, ending }: OracleStage,
  console: string,
): Promise<StageReport> {
  const text = (file: string) => {
    const path = join(folder, file);
    if (existsSync(path)) return readFileSync(path, 'latin1');
    throw new Error(`the oracle, stage "${name}", did not write ${file}:\n${console}`);
  };
  const errors = text('errors');
  if (errors !== '') throw new Error(`in the oracle, stage "${name}": ${errors}`);
  const answers = loads.map((_, index) => {
    const [errno = '', ...log] = text(`answers/${index + 1}`).split('\n');
    return { errno: Number(errno), log: log.join('\n') };
  });
  if (ending !== 'power off' && answers.at(-1)?.errno !== 0) {
    throw new Error(
      `the oracle did not load what stage "${name}" was to go on with: errno ${answers.at(-1)?.errno}`,
    );
  }
  return { machine: await recordFromTar(join(folder, 'machine.tar')), answers };
}
