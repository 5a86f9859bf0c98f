import type { CollectedFiles } from '../../../src/machine/collect/collected-files.js';
import type { OracleRelease } from '../../support/oracle/oracle.js';
import type { OracleLoad, OracleStage } from '../../support/oracle/session.js';
import { askX86, buildX86Initrd, type X86StageReport } from '../../support/oracle/x86-64/loads.js';
import { readRealKernel, syntheticKernel } from './kernels.js';
import { buildX86Arguments, listStageLoads, SECOND_STAGE, type X86Shape } from './machines.js';
import type { X86Load } from './scenario.js';
import { collectHiddenFiles, listFirmwareVariables } from './secure-boot.js';

const STAGES = ['first', SECOND_STAGE];

/** The name of the file with the next kernel's initramfs, which is that of the first. */
const GUEST = 'guest';

/** What a kernel answered, and the loads of which it did. */
export interface AskedStage {
  readonly loads: readonly X86Load[];
  readonly report: X86StageReport;
  /** What the collector could not read there. */
  readonly hidden: CollectedFiles;
}

/** A load of which only the errno is asked. */
export interface BriefLoad {
  readonly file: Uint8Array;
  readonly type: X86Load['type'];
  readonly commandLine?: string | undefined;
}

/** The answers on a machine. */
export interface AskedMachine {
  /** For each kernel that ran. */
  readonly stages: readonly AskedStage[];
  /** The number of the errno of each brief load, or 0. */
  readonly errnos: readonly number[];
}

/**
 * Boots Debian's kernel of a release on a machine and makes the loads. If there is a next kernel, enters it and does the
 * same there.
 *
 * @param brief - further loads of the first kernel, before the others
 * @throws Error as askX86()
 */
export async function askX86Machine(
  release: OracleRelease,
  shape: X86Shape,
  brief: readonly BriefLoad[] = [],
): Promise<AskedMachine> {
  const { next } = shape;
  const guest = buildX86Initrd();
  const asked = listStageLoads(shape);
  const stages = asked.map((loads, index): OracleStage => {
    const isLast = index === asked.length - 1;
    const requests = loads.map(oracleLoad);
    // The kernel that is entered gets the initramfs.
    if (!isLast) requests.push(...requests.splice(-1).map((load) => ({ ...load, initrd: GUEST })));
    if (index === 0) requests.unshift(...brief.map(briefLoad));
    return {
      name: STAGES[index] ?? '',
      loads: requests,
      ending: isLast ? 'power off' : (next?.by ?? 'power off'),
    };
  });
  const variables = shape.firmware === 'Secure Boot' ? listFirmwareVariables() : undefined;
  const reports = await askX86({
    release,
    machine: buildX86Arguments(shape),
    variables,
    append: shape.append ?? '',
    files: new Map([
      ...filesOf(release, asked.flat()),
      [GUEST, guest],
      ...brief.map(({ file }, index): [string, Uint8Array] => [briefName(index), file]),
    ]),
    stages,
  });
  const hidden = variables === undefined ? new Map() : collectHiddenFiles(variables);
  const answers = reports[0]?.answers.slice(0, brief.length) ?? [];
  return {
    stages: reports.map((report, index) => ({
      loads: asked[index] ?? [],
      report: index === 0 ? { ...report, answers: report.answers.slice(brief.length) } : report,
      hidden,
    })),
    errnos: answers.map(({ errno }) => errno),
  };
}

const briefName = (index: number): string => `brief-${index}`;

function briefLoad({ type, commandLine }: BriefLoad, index: number): OracleLoad {
  return { type, kernel: briefName(index), commandLine, isBrief: true };
}

function filesOf(release: OracleRelease, loads: readonly X86Load[]): Map<string, Uint8Array> {
  return new Map(
    loads.map(({ kernel }) => [
      fileName(kernel),
      kernel === 'debian' ? readRealKernel(release) : syntheticKernel(kernel),
    ]),
  );
}

function oracleLoad(load: X86Load): OracleLoad {
  return { ...load, kernel: fileName(load.kernel) };
}

/** A name without spaces, at which the guest's shell splits lines. */
function fileName(kernel: string): string {
  return `kernel-${kernel.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
}
