import type { OracleRelease } from '../../support/oracle/oracle.js';
import type { OracleLoad, OracleStage } from '../../support/oracle/session.js';
import { askX86, buildX86Initrd, type X86StageReport } from '../../support/oracle/x86-64/loads.js';
import { readRealKernel, syntheticKernel } from './kernels.js';
import { buildX86Arguments, listStageLoads, SECOND_STAGE, type X86Shape } from './machines.js';
import type { X86Load } from './scenario.js';

const STAGES = ['first', SECOND_STAGE];

/** The name of the file with the next kernel's initramfs, which is that of the first. */
const GUEST = 'guest';

/** What a kernel answered, and the loads of which it did. */
export interface AskedStage {
  readonly loads: readonly X86Load[];
  readonly report: X86StageReport;
}

/**
 * Boots Debian's kernel of a release on a machine and makes the loads. If there is a next kernel, enters it and does the
 * same there.
 *
 * @returns for each kernel what it answered
 * @throws Error as askX86()
 */
export async function askX86Machine(release: OracleRelease, shape: X86Shape): Promise<AskedStage[]> {
  const { next } = shape;
  const guest = buildX86Initrd();
  const asked = listStageLoads(shape);
  const stages = asked.map((loads, index): OracleStage => {
    const isLast = index === asked.length - 1;
    const requests = loads.map(oracleLoad);
    // The kernel that is entered gets the initramfs.
    if (!isLast) requests.push(...requests.splice(-1).map((load) => ({ ...load, initrd: GUEST })));
    return {
      name: STAGES[index] ?? '',
      loads: requests,
      ending: isLast ? 'power off' : (next?.by ?? 'power off'),
    };
  });
  const reports = await askX86({
    release,
    machine: buildX86Arguments(shape),
    append: shape.append ?? '',
    files: new Map([...filesOf(release, asked.flat()), [GUEST, guest]]),
    stages,
  });
  return reports.map((report, index) => ({ loads: asked[index] ?? [], report }));
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
