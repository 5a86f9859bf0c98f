import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine } from '../../../src/machine/machine-value.js';
import { recordFromTar } from '../../../src/node/collect/record-tar.js';
import { corpus } from '../corpus.js';
import { runProgram, withTemporaryFolder } from '../programs.js';
import type { Oracle } from './oracle.js';
import { buildProgram, readGuestFile } from './program.js';
import { bootOracle } from './qemu.js';
import {
  buildGuestInitrd,
  type LoadAnswer,
  limitTime,
  type OracleFiles,
  type OracleStage,
  prepareShare,
  readAnswers,
} from './session.js';

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
  readonly files: OracleFiles;
  readonly stages: readonly OracleStage[];
}

/** The results of a stage. */
export interface StageReport {
  /** The machine, as `machine record` reads it from the output of `machine collector`. */
  readonly machine: Machine;
  readonly answers: readonly LoadAnswer[];
}

let built: Uint8Array | undefined;

/** The initramfs whose init is guest.sh, padded with zeros; built once. */
export function buildPlacementInitrd(): Uint8Array {
  built ??= buildGuestInitrd({
    busybox: readFileSync(corpus.busybox()),
    syscall: buildProgram('syscall.S'),
    platform: readGuestFile('platform.sh'),
  });
  return built;
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
export async function askPlacement(oracle: Oracle, session: OracleSession): Promise<StageReport[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-oracle-'));
  const share = join(folder, 'share');
  const initrd = join(folder, 'initrd');
  const deviceTree = join(folder, 'dtb');
  try {
    prepareShare(share, session.files, session.stages);
    const ownInitrd = buildPlacementInitrd();
    writeFileSync(initrd, ownInitrd);
    if (session.deviceTree !== undefined) writeFileSync(deviceTree, session.deviceTree);
    const { initrdAddress } = session;
    const initrdArgument =
      initrdAddress === undefined ? [] : [`initrd=0x${initrdAddress.toString(16)},${ownInitrd.length}`];
    const console = await bootOracle({
      oracle,
      machine: [...session.machine, ...(session.deviceTree === undefined ? [] : ['-dtb', deviceTree])],
      initrd,
      initrdAddress,
      append: [`stage=${session.stages[0]?.name}`, ...initrdArgument, session.append].join(' '),
      share,
      timeout: limitTime(session.stages),
    });
    const reports: StageReport[] = [];
    for (const stage of session.stages) {
      const answers = readAnswers(share, stage, console);
      reports.push({ machine: await recordFromTar(join(share, stage.name, 'machine.tar')), answers });
    }
    return reports;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
