import { getProperty } from '../../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../../formats/fdt/tree.js';
import { readStrings } from '../../formats/fdt/values.js';
import type { MachineFacts } from '../machine-facts.js';
import type { Arm64Facts, CpuFacts, Granule } from './arm64-machine.js';

/**
 * Decodes a CPU's ID_AA64MMFR0_EL1 (Arm Architecture Reference Manual, D19.2): TGran4 and TGran64 are 0 if the CPU has
 * the granule, TGran16 is 0 if it does not; BigEnd is 1 for mixed-endian support.
 */
export function decodeMmfr0(register: bigint): Required<CpuFacts> {
  const field = (low: bigint): bigint => (register >> low) & 0xfn;
  const granules: Granule[] = [];
  if (field(28n) !== 0xfn) granules.push(4096);
  if (field(20n) !== 0n) granules.push(16384);
  if (field(24n) !== 0xfn) granules.push(65536);
  return { granules, mixedEndian: field(8n) === 1n };
}

interface CpuModel {
  /** In the device tree's /cpus. */
  readonly compatible: string;
  /** MIDR_EL1: "CPU implementer" and "CPU part" of /proc/cpuinfo. */
  readonly implementer: number;
  readonly part: number;
  readonly mmfr0: bigint;
}

/**
 * CPUs whose ID_AA64MMFR0_EL1 is known; neither the device tree nor /proc/cpuinfo has it. The witness kernel read them
 * in QEMU's models, and the tests repeat that.
 */
export const CPU_MODELS: readonly CpuModel[] = [
  { compatible: 'arm,cortex-a35', implementer: 0x41, part: 0xd04, mmfr0: 0x00101122n },
  { compatible: 'arm,cortex-a53', implementer: 0x41, part: 0xd03, mmfr0: 0x00001122n },
  { compatible: 'arm,cortex-a57', implementer: 0x41, part: 0xd07, mmfr0: 0x00001124n },
  { compatible: 'arm,cortex-a72', implementer: 0x41, part: 0xd08, mmfr0: 0x00001124n },
  { compatible: 'arm,cortex-a76', implementer: 0x41, part: 0xd0b, mmfr0: 0x0000000000101122n },
  { compatible: 'arm,neoverse-n1', implementer: 0x41, part: 0xd0c, mmfr0: 0x0000000000101125n },
];

/** The abilities that all CPUs of a device tree have; none if a CPU is not known. */
export function readCpusOfDeviceTree({ root }: Fdt): CpuFacts {
  return intersectFacts(
    findCpuNodes(root).map((cpu) => {
      const compatible = readStrings(getProperty(cpu, 'compatible') ?? new Uint8Array(0));
      return CPU_MODELS.find((model) => compatible.includes(model.compatible));
    }),
  );
}

/**
 * The abilities of a CPU model of QEMU; none if it is not known. QEMU's device tree calls `max` and `host` a
 * Cortex-A57, which they are not.
 *
 * @param cpu - the value of `-cpu`
 */
export function readCpusOfQemu(cpu: string): CpuFacts {
  const [model = ''] = cpu.split(',');
  return intersectFacts([CPU_MODELS.find(({ compatible }) => compatible === `arm,${model}`)]);
}

/** How the CPUs are brought up, and their number. */
export type CpuNodes = Pick<Arm64Facts, 'enableMethods'> & Pick<MachineFacts, 'possibleCpus'>;

/** Reads from a device tree how its CPUs are brought up (each `enable-method` once), and their number. */
export function readCpuNodes({ root }: Fdt): CpuNodes {
  const cpus = findCpuNodes(root);
  const methods = cpus.flatMap((cpu) => readStrings(getProperty(cpu, 'enable-method') ?? new Uint8Array(0)));
  return {
    ...(methods.length === 0 ? {} : { enableMethods: [...new Set(methods)] }),
    ...(cpus.length === 0 ? {} : { possibleCpus: cpus.length }),
  };
}

/**
 * The abilities that all CPUs of /proc/cpuinfo have; none if a CPU is not known. It has what the CPUs say of themselves
 * (MIDR_EL1), so it counts in place of the device tree, whose `compatible` may name another CPU.
 *
 * @returns undefined if the text lists no CPU
 */
export function readCpusOfCpuinfo(text: string): CpuFacts | undefined {
  const numbers = (name: string): number[] =>
    Array.from(text.matchAll(new RegExp(`^${name}\\s*: (0x[0-9a-f]+)$`, 'gm')), ([, value]) => Number(value));
  const implementers = numbers('CPU implementer');
  const parts = numbers('CPU part');
  if (parts.length === 0) return undefined;
  return intersectFacts(
    parts.map((part, cpu) =>
      CPU_MODELS.find((model) => model.part === part && model.implementer === implementers[cpu]),
    ),
  );
}

function findCpuNodes(root: FdtNode): FdtNode[] {
  return root.children.find(({ name }) => name === 'cpus')?.children.filter(isCpu) ?? [];
}

function isCpu(node: FdtNode): boolean {
  return node.name === 'cpu' || node.name.startsWith('cpu@');
}

/** The abilities that all models have, as the kernel, too, uses the least of all CPUs; none if a model is not known. */
function intersectFacts(models: readonly (CpuModel | undefined)[]): CpuFacts {
  const known = models.filter((model) => model !== undefined);
  if (known.length === 0 || known.length < models.length) return {};
  const facts = known.map(({ mmfr0 }) => decodeMmfr0(mmfr0));
  const [first] = facts;
  return {
    granules:
      first?.granules.filter((granule) => facts.every(({ granules }) => granules.includes(granule))) ?? [],
    mixedEndian: facts.every(({ mixedEndian }) => mixedEndian),
  };
}
