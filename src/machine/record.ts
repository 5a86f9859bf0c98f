import { KexecError } from '../base/error.js';
import { parseFdt } from '../formats/fdt/parse.js';
import { crashKernelRanges, parseIomem, type Resource, systemRam, takenRam } from '../memory/iomem.js';
import { isSkippedByWalk, parseMemblock } from '../memory/memblock.js';
import type { Range } from '../memory/range.js';
import { cpuFactsOfCpuinfo, cpuFactsOfDeviceTree } from './cpus.js';
import { memoryOfDeviceTree, reservedOfDeviceTree } from './device-tree.js';
import type { CrashRegion, Granule, KexecSignature, Lockdown, Machine, MemorySource } from './machine.js';

/** What was collected on a machine, under the names of its files; what could not be read is left out. */
export interface Collected {
  /** `/proc/iomem`, read as root. */
  readonly iomem?: string | undefined;
  /** `/sys/firmware/fdt`. */
  readonly fdt?: Uint8Array | undefined;
  /** `/proc/cmdline`. */
  readonly cmdline?: string | undefined;
  /** `/sys/kernel/debug/memblock/memory`. */
  readonly memblockMemory?: string | undefined;
  /** `/sys/kernel/debug/memblock/reserved`. */
  readonly memblockReserved?: string | undefined;
  /** The VMCOREINFO text. */
  readonly vmcoreinfo?: string | undefined;
  /** The kernel's configuration. */
  readonly config?: string | undefined;
  /** `/proc/cpuinfo`. */
  readonly cpuinfo?: string | undefined;
  /** `/sys/kernel/security/lockdown`. */
  readonly lockdown?: string | undefined;
}

/**
 * The machine that was collected. Its memory map comes from the most exact source there is: memblock's own lists,
 * else `/proc/iomem`, else the device tree alone.
 *
 * @throws KexecError `EINVAL` for a malformed file, or if the device tree or any RAM is missing.
 */
export function recordMachine(name: string, collected: Collected): Machine {
  if (collected.fdt === undefined) {
    const seen = 'no device tree was collected: /sys/firmware/fdt under the name fdt';
    throw new KexecError({ check: 'machine-facts', errno: 'EINVAL', seen });
  }
  const fdt = parseFdt(collected.fdt);
  const resources = collected.iomem === undefined ? undefined : parseIomem(collected.iomem);
  const map = memoryMap(collected, resources, {
    memorySource: 'device-tree',
    memory: memoryOfDeviceTree(fdt),
    reserved: reservedOfDeviceTree(fdt),
  });
  if (map.memory.length === 0) {
    const seen = `no RAM in ${map.memorySource}; collect /proc/iomem as root`;
    throw new KexecError({ check: 'machine-facts', errno: 'EINVAL', seen });
  }
  const crashRegion = crashRegionOf(resources ?? []);
  const kexecSignature = kexecSignatureOf(collected.config);
  const lockdown = lockdownOf(collected.lockdown);
  const fromCpuinfo = collected.cpuinfo === undefined ? {} : cpuFactsOfCpuinfo(collected.cpuinfo);
  return {
    name,
    ...map,
    ...(crashRegion === undefined ? {} : { crashRegion }),
    deviceTree: collected.fdt,
    ...(collected.cmdline === undefined ? {} : { commandLine: collected.cmdline.trimEnd() }),
    pageSize: pageSizeOf(collected),
    cpu: { ...cpuFactsOfDeviceTree(fdt), ...fromCpuinfo },
    ...(kexecSignature === undefined ? {} : { kexecSignature }),
    ...(lockdown === undefined ? {} : { lockdown }),
  };
}

interface MemoryMap {
  readonly memorySource: MemorySource;
  readonly memory: Range[];
  readonly reserved: Range[];
}

function memoryMap(
  { memblockMemory, memblockReserved }: Collected,
  resources: readonly Resource[] | undefined,
  otherwise: MemoryMap,
): MemoryMap {
  if (memblockMemory !== undefined && memblockReserved !== undefined) {
    return {
      memorySource: 'memblock',
      memory: parseMemblock(memblockMemory)
        .filter((region) => !isSkippedByWalk(region))
        .map(({ range }) => range),
      reserved: parseMemblock(memblockReserved).map(({ range }) => range),
    };
  }
  if (resources !== undefined) {
    return { memorySource: 'iomem', memory: systemRam(resources), reserved: takenRam(resources) };
  }
  return otherwise;
}

/** `crashkernel=` may have reserved a second, low region; the kernel loads into the high one. */
function crashRegionOf(resources: readonly Resource[]): CrashRegion | undefined {
  const [first, second] = crashKernelRanges(resources);
  if (first === undefined) return undefined;
  return second === undefined ? { high: first } : { high: second, low: first };
}

/** The running kernel's page size, by its configuration or its VMCOREINFO; 4 KiB where neither tells. */
function pageSizeOf({ config, vmcoreinfo }: Collected): Granule {
  const configured = /^CONFIG_ARM64_(4|16|64)K_PAGES=y$/m.exec(config ?? '')?.[1];
  const recorded = /^PAGESIZE=(4096|16384|65536)$/m.exec(vmcoreinfo ?? '')?.[1];
  return (configured !== undefined ? Number(configured) * 1024 : Number(recorded ?? 4096)) as Granule;
}

/** What the configuration asks of signatures; the loader for Images must be told to verify them, too. */
function kexecSignatureOf(config: string | undefined): KexecSignature | undefined {
  if (config === undefined) return undefined;
  const has = (name: string): boolean => new RegExp(`^${name}=y$`, 'm').test(config);
  if (!has('CONFIG_KEXEC_SIG')) return 'none';
  return has('CONFIG_KEXEC_SIG_FORCE') ? 'force' : 'checked';
}

/** The level in brackets, of the levels that there are. */
function lockdownOf(text: string | undefined): Lockdown | undefined {
  return /\[(none|integrity|confidentiality)\]/.exec(text ?? '')?.[1] as Lockdown | undefined;
}
