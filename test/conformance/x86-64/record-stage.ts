import type { CollectedFiles } from '../../../src/machine/collect/collected-files.js';
import { readTar } from '../../../src/machine/collect/collected-tar.js';
import { recordFiles } from '../../../src/machine/collect/record-files.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import type { X86StageReport } from '../../support/oracle/x86-64/loads.js';
import { errnoName } from '../answers.js';
import type { AskedStage } from './ask.js';
import type { RealKernel } from './kernels.js';
import { readX86Log } from './read-log.js';
import { addPurgatory, type RecordedX86 } from './recorded.js';
import { describeX86Load } from './scenario.js';

/**
 * Records a kernel's answers, and the machine.
 *
 * @param name - of the machine
 * @param kernel - the one that answered
 * @throws Error if an answer is incomplete
 */
export async function recordStage(
  name: string,
  { loads, report, hidden }: AskedStage,
  kernel: RealKernel,
): Promise<RecordedX86> {
  const { answers, boot, contents, segmentsErrno } = report;
  const outcomes = answers.map((answer, index) => {
    const load = loads[index];
    if (load === undefined) throw new Error(`${name}: an answer without a question`);
    return { load: describeX86Load(load), outcome: readX86Log(answer) };
  });
  const machine = addPurgatory(await recordReportedMachine(name, report, hidden), kernel);
  const segments = machine.efiVariables === undefined ? undefined : errnoName(segmentsErrno);
  return { machine, outcomes, segments, boot, contents };
}

/**
 * The machine of a stage, as `machine record` reads it from the output of `machine collector`.
 *
 * @param hidden - what the collector could not read
 */
export async function recordReportedMachine(
  name: string,
  { machineTar }: X86StageReport,
  hidden: CollectedFiles = new Map(),
): Promise<Machine> {
  return recordFiles(name, new Map([...(await readTar(name, machineTar)), ...hidden]));
}
