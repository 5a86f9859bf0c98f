import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCpio } from '../../../src/formats/cpio.js';
import { buildCollectorScript } from '../../../src/node/collect/collector-script.js';
import { readGuestFile } from './program.js';

/** A load for an oracle. */
export interface OracleLoad {
  readonly type: 'default' | 'crash';
  /** The name of one of the session's files. */
  readonly kernel: string;
  /** The name of another file, or a number of zero bytes. */
  readonly initrd?: string | number | undefined;
  /** Without line breaks, and without spaces at either end. */
  readonly commandLine?: string | undefined;
  /** Whether no segment may lie in the CMA area. */
  readonly noCma?: boolean | undefined;
  /** Whether only the errno is asked for: the kernel then logs nothing, and loads what was loaded before over itself. */
  readonly isBrief?: boolean | undefined;
}

/** The loads for one kernel, and how it ends. */
export interface OracleStage {
  readonly name: string;
  /** Descriptions of dm-crypt keys for crash kernels, by the names of their folders. */
  readonly keys?: Readonly<Record<string, string | undefined>> | undefined;
  readonly loads: readonly OracleLoad[];
  /** `kexec` enters the kernel that was loaded last, `crash` the crash kernel that was loaded last. */
  readonly ending: 'power off' | 'kexec' | 'crash';
}

/** The files of a session by name, which has no spaces. */
export type OracleFiles = ReadonlyMap<string, Uint8Array>;

/** The result of a load: the errno's number, or 0; and the kernel's log during the call, unless the load was brief. */
export interface LoadAnswer {
  readonly errno: number;
  readonly log: string;
}

/** Programs that differ between oracles: busybox, `syscall`, and what /platform.sh has for guest.sh. */
export interface GuestPrograms {
  readonly busybox: Uint8Array;
  readonly syscall: Uint8Array;
  readonly platform: Uint8Array;
}

/** Flags of kexec_file_load(2): ON_CRASH, NO_INITRAMFS, DEBUG, NO_CMA. */
const FLAGS = { crash: 2, noInitramfs: 4, debug: 8, noCma: 16 };

/** In milliseconds: longer than any machine needs to boot; and the additional time for each load, or brief load. */
const BOOT_TIMEOUT = 120_000;
const LOAD_TIMEOUT = 5_000;
const BRIEF_TIMEOUT = 500;

/** Fixed, so that the addresses of other files do not depend on the size of its programs. */
export const GUEST_INITRD_SIZE = 4 << 20;

/** An initramfs whose init is guest.sh, padded with zeros. */
export function buildGuestInitrd({ busybox, syscall, platform }: GuestPrograms): Uint8Array {
  const archive = buildCpio([
    { name: 'init', type: 'file', permissions: 0o755, bytes: readGuestFile('guest.sh') },
    { name: 'platform.sh', type: 'file', bytes: platform },
    { name: 'collector', type: 'file', permissions: 0o755, bytes: Buffer.from(buildCollectorScript()) },
    { name: 'bin', type: 'directory' },
    { name: 'bin/busybox', type: 'file', permissions: 0o755, bytes: busybox },
    { name: 'bin/syscall', type: 'file', permissions: 0o755, bytes: syscall },
    { name: 'dev', type: 'directory' },
    { name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } },
  ]);
  if (archive.length > GUEST_INITRD_SIZE) throw new Error(`an initramfs of ${archive.length} bytes`);
  const initrd = new Uint8Array(GUEST_INITRD_SIZE);
  initrd.set(archive);
  return initrd;
}

/** The time limit of a session, in milliseconds. */
export function limitTime(stages: readonly OracleStage[]): number {
  const loads = stages.flatMap((stage) => stage.loads);
  return loads.reduce(
    (sum, { isBrief = false }) => sum + (isBrief ? BRIEF_TIMEOUT : LOAD_TIMEOUT),
    BOOT_TIMEOUT * stages.length,
  );
}

/** Fills the folder that guest.sh has as /share. */
export function prepareShare(share: string, files: OracleFiles, stages: readonly OracleStage[]): void {
  mkdirSync(join(share, 'files'), { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(share, 'files', name), bytes);
  for (const stage of stages) {
    mkdirSync(join(share, stage.name));
    writeFileSync(
      join(share, stage.name, 'requests'),
      stage.loads.map((load) => `${requestLine(load)}\n`).join(''),
    );
    writeFileSync(join(share, stage.name, 'ending'), stage.ending);
    if (stage.keys !== undefined) {
      const lines = Object.entries(stage.keys).map(([name, description = '']) => `${name} ${description}\n`);
      writeFileSync(join(share, stage.name, 'keys'), lines.join(''));
    }
  }
}

function requestLine({
  type,
  kernel,
  initrd,
  commandLine,
  noCma = false,
  isBrief = false,
}: OracleLoad): string {
  const flags =
    (isBrief ? 0 : FLAGS.debug) +
    (type === 'crash' ? FLAGS.crash : 0) +
    (initrd === undefined ? FLAGS.noInitramfs : 0) +
    (noCma ? FLAGS.noCma : 0);
  const length = commandLine === undefined ? 0 : Buffer.byteLength(commandLine) + 1;
  return [flags, kernel, initrd ?? 0, length, commandLine ?? ''].join(' ');
}

/**
 * Reads the answers of a stage.
 *
 * @param console - what the machine printed, for the messages of errors
 * @throws Error if the guest reports an error, or a load has no answer
 */
export function readAnswers(
  share: string,
  { name, loads, ending }: OracleStage,
  console: string,
): readonly LoadAnswer[] {
  const text = (file: string) => {
    const path = join(share, name, file);
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
  return answers;
}
