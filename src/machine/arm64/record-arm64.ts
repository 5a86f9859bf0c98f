import { refuse } from '../../base/error.js';
import { parseFdt } from '../../formats/fdt/parse.js';
import { parseIomem } from '../../formats/iomem.js';
import type { Collected } from '../collected.js';
import { readCommonFacts } from '../collected-facts.js';
import { readCrashFacts } from '../crash-facts.js';
import { hasUefiMap } from '../device-tree.js';
import { findHotpluggable } from '../device-tree-memory.js';
import { parseKernelConfig } from '../kernel-config.js';
import type { UnknownFact } from '../machine-facts.js';
import { readMemoryMap } from '../memory-map.js';
import { readCmaFacts } from '../read-cma-facts.js';
import type { Arm64Machine, Granule } from './arm64-machine.js';
import { readCpuNodes, readCpusOfCpuinfo, readCpusOfDeviceTree } from './cpus.js';
import { readDeviceTreeMap } from './device-tree-map.js';
import { findKernelMap } from './kernel-map.js';

/**
 * Builds an arm64 machine from collected files.
 *
 * @throws KexecError `EINVAL`, check `machine-facts`, if the device tree or any RAM is missing; `EINVAL` for a
 * malformed file.
 */
export function recordArm64Machine(
  name: string,
  known: Collected,
  unknown: readonly UnknownFact[],
): Arm64Machine {
  const deviceTree = known.fdt;
  if (deviceTree === undefined) {
    const seen = 'no device tree was collected: /sys/firmware/fdt under the name fdt';
    refuse('machine-facts', 'EINVAL', `${seen}${describeReason('fdt', unknown)}`);
  }
  const fdt = parseFdt(deviceTree);
  const resources = known.iomem === undefined ? undefined : parseIomem(known.iomem);
  const pageSize = findPageSize(known);
  const map =
    readMemoryMap(known, resources, findHotpluggable(fdt, pageSize)) ??
    readDeviceTreeMap(fdt, {
      pageSize,
      config: parseKernelConfig(known.config ?? ''),
      commandLine: known.cmdline,
    });
  if (map.memory.length === 0) {
    const source = hasUefiMap(fdt)
      ? "the device tree, because this machine's RAM is in UEFI's memory map"
      : map.memorySource;
    const seen = `no RAM in ${source}; collect /proc/iomem as root`;
    refuse('machine-facts', 'EINVAL', `${seen}${describeReason('iomem', unknown)}`);
  }
  const facts = readCommonFacts(known, resources ?? [], unknown);
  const crash = readCrashFacts(
    known,
    findKernelMap(facts.kernel?.vmcoreinfo ?? {}, known.kallsyms, resources ?? []),
  );
  const cma = readCmaFacts(known, fdt);
  const { enableMethods, possibleCpus } = readCpuNodes(fdt);
  return {
    architecture: 'arm64',
    name,
    ...map,
    pageSize,
    ...(possibleCpus === undefined ? {} : { possibleCpus }),
    ...facts,
    ...(crash === undefined ? {} : { crash }),
    ...(cma === undefined ? {} : { cma }),
    arm64: {
      deviceTree,
      ...(readCpusOfCpuinfo(known.cpuinfo ?? '') ?? readCpusOfDeviceTree(fdt)),
      ...(enableMethods === undefined ? {} : { enableMethods }),
    },
  };
}

/** Why a fact could not be read, in brackets; empty if that is not known. */
function describeReason(fact: string, unknown: readonly UnknownFact[]): string {
  const found = unknown.find((other) => other.fact === fact);
  return found === undefined ? '' : ` (${found.reason})`;
}

/** The running kernel's page size in bytes, by its configuration or its VMCOREINFO; 4 KiB if neither has it. */
function findPageSize({ config, vmcoreinfo }: Collected): Granule {
  const configured = /^CONFIG_ARM64_(4|16|64)K_PAGES=y$/m.exec(config ?? '')?.[1];
  const recorded = /^PAGESIZE=(4096|16384|65536)$/m.exec(vmcoreinfo ?? '')?.[1];
  return (configured !== undefined ? Number(configured) * 1024 : Number(recorded ?? 4096)) as Granule;
}
