import type { Machine } from '../../../src/machine/machine-value.js';
import type { OracleRelease } from '../../support/oracle/oracle.js';
import { askX86 } from '../../support/oracle/x86-64/loads.js';
import type { Mutant } from './mutants.js';
import { recordReportedMachine } from './record-stage.js';

/** Half of the memory bounds the sizes that a kernel may ask for, and so the time of a load. */
const MACHINE = ['-M', 'pc', '-m', '512M', '-smp', '1'];
const APPEND = 'crashkernel=48M';

/** The answers to mutants. */
export interface AskedMutants {
  /** The number of the errno of each, or 0. */
  readonly errnos: readonly number[];
  readonly machine: Machine;
}

/** Loads each mutant in one boot of Debian's kernel. */
export async function askMutants(release: OracleRelease, mutants: readonly Mutant[]): Promise<AskedMutants> {
  const [report] = await askX86({
    release,
    machine: MACHINE,
    append: APPEND,
    files: new Map(mutants.map(({ file }, index) => [`mutant-${index}`, file])),
    stages: [
      {
        name: 'first',
        loads: mutants.map(({ type, commandLine }, index) => ({
          type,
          kernel: `mutant-${index}`,
          commandLine,
          isBrief: true,
        })),
        ending: 'power off',
      },
    ],
  });
  if (report === undefined) throw new Error('the oracle did not report on mutants');
  return {
    errnos: report.answers.map(({ errno }) => errno),
    machine: await recordReportedMachine('mutants', report),
  };
}
