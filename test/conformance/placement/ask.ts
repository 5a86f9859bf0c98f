import { findNode, getProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { SegmentName } from '../../../src/kexec/kimage.js';
import { asArm64 } from '../../support/machine.js';
import type { Oracle } from '../../support/oracle/oracle.js';
import {
  askPlacement,
  buildPlacementInitrd,
  formatStageArgument,
  type StageReport,
} from '../../support/oracle/placement.js';
import type { OracleLoad, OracleStage } from '../../support/oracle/session.js';
import { scenarioOf } from './answer.js';
import { compareDeviceTrees } from './device-tree.js';
import { compareElfcorehdr } from './elfcorehdr.js';
import { realKernels, syntheticKernel } from './kernels.js';
import { type MachineShape, type NextShape, namesOf } from './machine-shape.js';
import { buildQemuArguments, editedDeviceTree } from './machines.js';
import { ownLoad } from './own.js';
import type { Recorded } from './recorded.js';
import type { Load, Scenario } from './scenario.js';

/** The results on a machine. */
export interface Asked {
  /** The machine, and that of the next kernel if there was one, by name. */
  readonly recorded: ReadonlyMap<string, Recorded>;
  /** Differences between the next kernel's device tree and ours; undefined without a next kernel. */
  readonly deviceTreeDifferences: readonly string[] | undefined;
  /** Differences between the crash kernel's ELF core header and ours; undefined without a crash kernel. */
  readonly elfcorehdrDifferences: readonly string[] | undefined;
}

/** The file with the next kernel's initramfs, which is that of the oracle. */
const GUEST = 'guest';

/**
 * Boots the oracle on a machine, records the machine as `machine record` does, and makes the loads. If there is a next
 * kernel, enters it and does the same there.
 *
 * @throws Error as askPlacement(), and if an answer is missing
 */
export async function askMachine(oracle: Oracle, shape: MachineShape): Promise<Asked> {
  const { name, loads, keys, next } = shape;
  const guest = buildPlacementInitrd();
  const last = next && nextLoad(next, guest.length);
  const stages: OracleStage[] = [
    {
      name: 'first',
      keys,
      loads: [...loads.map(oracleLoad), ...(last ? [{ ...oracleLoad(last), initrd: GUEST }] : [])],
      ending: next?.by ?? 'power off',
    },
    ...(next ? [{ name: 'second', loads: next.loads.map(oracleLoad), ending: 'power off' as const }] : []),
  ];
  const allLoads = [...loads, ...(last ? [last] : [])];
  const [report, nextReport] = await askPlacement(oracle, {
    machine: buildQemuArguments(shape),
    deviceTree: editedDeviceTree(shape),
    initrdAddress: shape.initrdAddress,
    append: shape.append ?? '',
    files: new Map([...filesOf(oracle, [...allLoads, ...(next?.loads ?? [])]), [GUEST, guest]]),
    stages,
  });
  if (report === undefined) throw new Error(`the oracle did not report on ${name}`);
  const first = recordStage(name, allLoads, report);
  const recorded = new Map([[name, first]]);
  const elfcorehdrDifferences = compareFirstElfcorehdr(oracle, first, report);
  if (!last || !nextReport) return { recorded, deviceTreeDifferences: undefined, elfcorehdrDifferences };

  const [, nextName = name] = namesOf(shape);
  recorded.set(nextName, recordStage(nextName, next.loads, nextReport));
  const theirs = asArm64(nextReport.machine).arm64.deviceTree;
  const deviceTree = ownSegment(oracle, 'dtb', last, addHandoverTree(first, theirs));
  const deviceTreeDifferences = compareDeviceTrees(deviceTree, theirs);
  return { recorded, deviceTreeDifferences, elfcorehdrDifferences };
}

/** The load of the next kernel. */
function nextLoad({ by, append }: NextShape, guestSize: number): Load {
  return {
    type: by === 'crash' ? 'crash' : 'default',
    kernel: 'oracle',
    initrd: guestSize,
    commandLine: `${formatStageArgument('second')} ${append}`.trim(),
  };
}

/** Compares the ELF core header of the first crash kernel that the oracle loaded; there may be none. */
function compareFirstElfcorehdr(
  oracle: Oracle,
  recorded: Recorded,
  { answers }: StageReport,
): string[] | undefined {
  const isLoaded = ({ load, outcome }: Scenario) => load.type === 'crash' && typeof outcome !== 'string';
  const index = recorded.scenarios.findIndex(isLoaded);
  const load = recorded.scenarios[index]?.load;
  if (load === undefined) return undefined;
  return compareElfcorehdr(ownSegment(oracle, 'elfcorehdr', load, recorded), answers[index]?.log ?? '');
}

/** Adds the address of the kernel's KHO device tree, if KHO is on: it shows it to the next kernel alone. */
function addHandoverTree({ machine, scenarios }: Recorded, nextTree: Uint8Array): Recorded {
  if (machine.handover === undefined) return { machine, scenarios };
  const chosen = findNode(parseFdt(nextTree), '/chosen');
  const property = chosen && getProperty(chosen, 'linux,kho-fdt');
  if (property === undefined) throw new Error('the next kernel was not given linux,kho-fdt');
  const fdt = Buffer.from(property).readBigUInt64BE();
  return { machine: { ...machine, handover: { ...machine.handover, fdt } }, scenarios };
}

/** A segment of ours other than the kernel; it does not depend on the kernel. */
function ownSegment(
  oracle: Oracle,
  name: SegmentName,
  load: Load,
  { machine, scenarios }: Recorded,
): Uint8Array {
  const last = scenarios.at(-1) as Scenario;
  const result = ownLoad({ ...last, load }, realKernels(oracle).oracle, machine);
  if ('refusal' in result) throw result.refusal;
  return result.kimage.segments.find((segment) => segment.name === name)?.bytes ?? new Uint8Array(0);
}

function recordStage(name: string, loads: readonly Load[], { machine, answers }: StageReport): Recorded {
  const scenarios = answers.map((answer, index) => scenarioOf(loads[index] as Load, answer));
  return { machine: { ...machine, name }, scenarios };
}

/** The files of loads. */
function filesOf(oracle: Oracle, loads: readonly Load[]): Map<string, Uint8Array> {
  const real: Readonly<Record<string, Uint8Array>> = realKernels(oracle);
  return new Map(
    loads.map(({ kernel }) => [fileName(kernel), real[kernel] ?? syntheticKernel(kernel)] as const),
  );
}

function oracleLoad(load: Load): OracleLoad {
  return { ...load, kernel: fileName(load.kernel) };
}

/** A name without spaces, at which the guest's shell splits lines. */
function fileName(kernel: string): string {
  return `kernel-${kernel.replaceAll(' ', '-')}`;
}
