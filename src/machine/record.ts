import { KexecError, refuse } from '../base/error.js';
import type { Range } from '../base/range.js';
import { parseFdt } from '../formats/fdt/parse.js';
import type { Fdt } from '../formats/fdt/tree.js';
import {
  findCrashKernelRanges,
  findSystemRam,
  findTakenRam,
  parseIomem,
  type Resource,
} from '../formats/iomem.js';
import { isSkippedByWalk, parseMemblock } from '../formats/memblock.js';
import { countCpus, cpuFactsOfCpuinfo, cpuFactsOfDeviceTree, cpuNodesOfDeviceTree } from './cpus.js';
import { crashFactsOf, parseKallsyms } from './crash-facts.js';
import { memoryOfDeviceTree, reservedOfDeviceTree } from './device-tree.js';
import { parseKernelConfig } from './kernel-config.js';
import { parseLockdown } from './lockdown.js';
import type {
  CpuFacts,
  CrashRegion,
  Granule,
  KernelFacts,
  KexecSignature,
  Machine,
  MemorySource,
  UnknownFact,
} from './machine-value.js';
import { parseVmcoreinfo } from './vmcoreinfo-lines.js';

/** What was collected on a machine, under the names of its files; what could not be read is left out. */
export interface Collected {
  /** `/proc/iomem`, read as root. */
  readonly iomem?: string | undefined;
  /** `/sys/firmware/fdt`. */
  readonly fdt?: Uint8Array | undefined;
  /** `/proc/cmdline`. */
  readonly cmdline?: string | undefined;
  /** `/sys/kernel/debug/memblock/memory`. */
  readonly 'memblock-memory'?: string | undefined;
  /** `/sys/kernel/debug/memblock/reserved`. */
  readonly 'memblock-reserved'?: string | undefined;
  /** `/proc/meminfo`. */
  readonly meminfo?: string | undefined;
  /** `/proc/sys/kernel/osrelease`. */
  readonly release?: string | undefined;
  /** The kernel's configuration. */
  readonly config?: string | undefined;
  /** `/proc/cpuinfo`. */
  readonly cpuinfo?: string | undefined;
  /** `/sys/devices/system/cpu/possible`. */
  readonly 'cpu-possible'?: string | undefined;
  /** The VMCOREINFO text. */
  readonly vmcoreinfo?: string | undefined;
  /** `/sys/kernel/vmcoreinfo`: where the note with that text lies. */
  readonly 'vmcoreinfo-note'?: string | undefined;
  /** A line `cpuN ADDRESS SIZE` for each CPU, of its `crash_notes` and `crash_notes_size`. */
  readonly 'crash-notes'?: string | undefined;
  /** The lines of `_text` and `_end` in `/proc/kallsyms`. */
  readonly kallsyms?: string | undefined;
  /** `/sys/kernel/security/lockdown`. */
  readonly lockdown?: string | undefined;
  /** `/proc/sys/kernel/kexec_load_disabled`. */
  readonly 'kexec-load-disabled'?: string | undefined;
  /** `/proc/sys/kernel/kexec_load_limit_reboot`. */
  readonly 'kexec-load-limit-reboot'?: string | undefined;
  /** `/proc/sys/kernel/kexec_load_limit_panic`. */
  readonly 'kexec-load-limit-panic'?: string | undefined;
  /** EFI variables as efivarfs gives them. */
  readonly 'efivar-db'?: Uint8Array | undefined;
  readonly 'efivar-dbx'?: Uint8Array | undefined;
  readonly 'efivar-MokListRT'?: Uint8Array | undefined;
  readonly 'efivar-MokListXRT'?: Uint8Array | undefined;
}

/**
 * The machine that was collected. Its memory map comes from the most exact source there is: memblock's own lists,
 * else `/proc/iomem`, else the device tree alone.
 *
 * @param unknown - what could not be collected, and why; it is kept beside what the files turn out not to tell.
 * @throws KexecError `EINVAL` for a malformed file, or if the device tree or any RAM is missing.
 */
export function recordMachine(
  name: string,
  collected: Collected,
  unknown: readonly UnknownFact[] = [],
): Machine {
  if (collected.fdt === undefined) {
    throw factsMissing('no device tree was collected: /sys/firmware/fdt under the name fdt', unknown, 'fdt');
  }
  const { known, hidden } = withoutHidden(collected);
  const fdt = parseFdt(collected.fdt);
  const resources = known.iomem === undefined ? undefined : parseIomem(known.iomem);
  const map = memoryMap(known, resources, {
    memorySource: 'device-tree',
    memory: memoryOfDeviceTree(fdt),
    reserved: reservedOfDeviceTree(fdt),
  });
  const allUnknown = [...unknown, ...hidden];
  if (map.memory.length === 0) {
    throw factsMissing(`no RAM in ${map.memorySource}; collect /proc/iomem as root`, allUnknown, 'iomem');
  }
  const totalRam = totalRamOf(known.meminfo);
  const crashRegion = crashRegionOf(resources ?? []);
  const kexecSignature = kexecSignatureOf(known.config);
  const lockdown = parseLockdown(known.lockdown ?? '');
  const kernel = kernelOf(known);
  const crash = crashFactsOf(
    {
      crashNotes: known['crash-notes'],
      vmcoreinfoNote: known['vmcoreinfo-note'],
      kallsyms: known.kallsyms,
    },
    kernel?.vmcoreinfo ?? {},
    resources ?? [],
  );
  const efiVariables = efiVariablesOf(known);
  return {
    name,
    ...map,
    ...(totalRam === undefined ? {} : { totalRam }),
    ...(crashRegion === undefined ? {} : { crashRegion }),
    deviceTree: collected.fdt,
    ...(known.cmdline === undefined ? {} : { commandLine: known.cmdline.trimEnd() }),
    pageSize: pageSizeOf(known),
    cpu: cpuOf(fdt, known),
    ...(kexecSignature === undefined ? {} : { kexecSignature }),
    ...(lockdown === undefined ? {} : { lockdown }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(crash === undefined ? {} : { crash }),
    ...(efiVariables === undefined ? {} : { efiVariables }),
    ...(allUnknown.length === 0 ? {} : { unknown: allUnknown }),
  };
}

/** Why there is no machine: what is missing, and why it could not be read, if that is known. */
function factsMissing(what: string, unknown: readonly UnknownFact[], fact: string): KexecError {
  const why = unknown.find((one) => one.fact === fact);
  const seen = why === undefined ? what : `${what} (${why.reason})`;
  return new KexecError('machine-facts', 'EINVAL', seen);
}

/** A line of iomem as somebody reads it who may not see addresses; a line that is none. */
const HIDDEN_LINE = /^ *0+-0+ : /m;
const OTHER_LINE = /^(?! *0+-0+ : )./m;

/** Files that the kernel gave with zeros for addresses, as it does to who may not see them, tell nothing. */
function withoutHidden(collected: Collected): { known: Collected; hidden: UnknownFact[] } {
  const { iomem, kallsyms, ...others } = collected;
  const isIomemHidden = iomem !== undefined && HIDDEN_LINE.test(iomem) && !OTHER_LINE.test(iomem);
  const isKallsymsHidden = kallsyms !== undefined && parseKallsyms(kallsyms).size === 0;
  return {
    known: {
      ...others,
      ...(isIomemHidden ? {} : { iomem }),
      ...(isKallsymsHidden ? {} : { kallsyms }),
    },
    hidden: [
      ...(isIomemHidden ? [{ fact: 'iomem', reason: 'all its addresses are 0: read it as root' }] : []),
      ...(isKallsymsHidden
        ? [
            {
              fact: 'kallsyms',
              reason: 'no address in it: read it as root, with kernel.kptr_restrict 0 or 1',
            },
          ]
        : []),
    ],
  };
}

interface MemoryMap {
  readonly memorySource: MemorySource;
  readonly memory: Range[];
  readonly reserved: Range[];
}

function memoryMap(
  collected: Collected,
  resources: readonly Resource[] | undefined,
  otherwise: MemoryMap,
): MemoryMap {
  const { 'memblock-memory': memory, 'memblock-reserved': reserved } = collected;
  if (memory !== undefined && reserved !== undefined) {
    return {
      memorySource: 'memblock',
      memory: parseMemblock(memory)
        .filter((region) => !isSkippedByWalk(region))
        .map(({ range }) => range),
      reserved: parseMemblock(reserved).map(({ range }) => range),
    };
  }
  if (resources !== undefined) {
    return { memorySource: 'iomem', memory: findSystemRam(resources), reserved: findTakenRam(resources) };
  }
  return otherwise;
}

/** `MemTotal`, which the kernel gives in KiB; nothing where no line tells it. */
function totalRamOf(meminfo: string | undefined): bigint | undefined {
  const kibibytes = /^MemTotal: +(\d{1,15}) kB$/m.exec(meminfo ?? '')?.[1];
  return kibibytes === undefined ? undefined : BigInt(kibibytes) * 1024n;
}

/** `crashkernel=` may have reserved a second, low region; the kernel loads into the high one. */
function crashRegionOf(resources: readonly Resource[]): CrashRegion | undefined {
  const [first, second] = findCrashKernelRanges(resources);
  if (first === undefined) return undefined;
  return second === undefined ? { high: first } : { high: second, low: first };
}

/** The running kernel's page size, by its configuration or its VMCOREINFO; 4 KiB where neither tells. */
function pageSizeOf({ config, vmcoreinfo }: Collected): Granule {
  const configured = /^CONFIG_ARM64_(4|16|64)K_PAGES=y$/m.exec(config ?? '')?.[1];
  const recorded = /^PAGESIZE=(4096|16384|65536)$/m.exec(vmcoreinfo ?? '')?.[1];
  return (configured !== undefined ? Number(configured) * 1024 : Number(recorded ?? 4096)) as Granule;
}

function cpuOf(fdt: Fdt, { cpuinfo, 'cpu-possible': possible }: Collected): CpuFacts {
  return {
    ...cpuFactsOfDeviceTree(fdt),
    ...cpuNodesOfDeviceTree(fdt),
    ...(cpuinfo === undefined ? {} : cpuFactsOfCpuinfo(cpuinfo)),
    ...(possible === undefined ? {} : { possible: countCpus(possible) }),
  };
}

/** What the configuration asks of signatures; the loader for Images must be told to verify them, too. */
function kexecSignatureOf(config: string | undefined): KexecSignature | undefined {
  if (config === undefined) return undefined;
  const has = (name: string): boolean => new RegExp(`^${name}=y$`, 'm').test(config);
  if (!has('CONFIG_KEXEC_SIG')) return 'none';
  return has('CONFIG_KEXEC_SIG_FORCE') ? 'force' : 'checked';
}

function kernelOf(collected: Collected): KernelFacts | undefined {
  const { release, config, vmcoreinfo } = collected;
  const disabled = sysctl(collected, 'kexec-load-disabled');
  const limitReboot = sysctl(collected, 'kexec-load-limit-reboot');
  const limitPanic = sysctl(collected, 'kexec-load-limit-panic');
  const kernel: KernelFacts = {
    ...(release === undefined ? {} : { release: release.trim() }),
    ...(config === undefined ? {} : { config: parseKernelConfig(config) }),
    ...(vmcoreinfo === undefined ? {} : { vmcoreinfo: parseVmcoreinfo(vmcoreinfo) }),
    ...(disabled === undefined ? {} : { kexecLoadDisabled: disabled !== 0 }),
    ...(limitReboot === undefined ? {} : { kexecLoadLimitReboot: limitReboot }),
    ...(limitPanic === undefined ? {} : { kexecLoadLimitPanic: limitPanic }),
  };
  return Object.keys(kernel).length === 0 ? undefined : kernel;
}

/** A number of /proc/sys. @throws KexecError `EINVAL`, check `machine-text`, if it is none. */
function sysctl(
  collected: Collected,
  name: 'kexec-load-disabled' | 'kexec-load-limit-reboot' | 'kexec-load-limit-panic',
): number | undefined {
  const text = collected[name]?.trim();
  if (text === undefined) return undefined;
  if (!/^(-1|\d{1,10})$/.test(text)) {
    refuse('machine-text', 'EINVAL', `${name}: ${JSON.stringify(text.slice(0, 60))}`);
  }
  return Number(text);
}

function efiVariablesOf(collected: Collected): Record<string, Uint8Array> | undefined {
  const variables: Record<string, Uint8Array> = {};
  for (const name of ['db', 'dbx', 'MokListRT', 'MokListXRT'] as const) {
    const variable = collected[`efivar-${name}`];
    if (variable !== undefined) variables[name] = variable;
  }
  return Object.keys(variables).length === 0 ? undefined : variables;
}
