import { refuse } from '../base/error.js';
import { findCrashKernelRanges, findResource, type Resource } from '../formats/iomem.js';
import type { Collected } from './collected.js';
import { countCpus } from './cpu-list.js';
import { readKdumpTools } from './kdump-tools.js';
import { parseKernelConfig } from './kernel-config.js';
import { parseLockdown } from './lockdown.js';
import type {
  CrashRegion,
  KernelFacts,
  KernelImage,
  KexecSignature,
  MachineFacts,
  UnknownFact,
} from './machine-facts.js';
import type { MemoryMap } from './memory-map.js';
import { readAcpiFacts } from './read-acpi-facts.js';
import { readCrashCma } from './read-crash-cma.js';
import { readDmCryptKeys } from './read-dm-crypt-keys.js';
import { readEfiFacts } from './read-efi-facts.js';
import { readHandoverFacts } from './read-handover-facts.js';
import { parseVmcoreinfo, type Vmcoreinfo } from './vmcoreinfo-lines.js';

/** `MemTotal` in bytes; the kernel prints KiB. */
function parseTotalRam(meminfo: string | undefined): bigint | undefined {
  const kibibytes = /^MemTotal: +(\d{1,15}) kB$/m.exec(meminfo ?? '')?.[1];
  return kibibytes === undefined ? undefined : BigInt(kibibytes) * 1024n;
}

/** `crashkernel=` may have reserved a second, low region; the kernel loads into the high one. */
function findCrashRegion(resources: readonly Resource[]): CrashRegion | undefined {
  const [first, second] = findCrashKernelRanges(resources);
  if (first === undefined) return undefined;
  return second === undefined ? { high: first } : { high: second, low: first };
}

function findKernelImage(resources: readonly Resource[]): KernelImage | undefined {
  const code = findResource(resources, 'Kernel code');
  const data = findResource(resources, 'Kernel data');
  if (code === undefined && data === undefined) return undefined;
  return { ...(code === undefined ? {} : { code }), ...(data === undefined ? {} : { data }) };
}

/** The facts that are read alike on every architecture. */
export type CommonFacts = Omit<
  MachineFacts,
  'architecture' | 'name' | 'pageSize' | 'crash' | 'cma' | keyof MemoryMap
>;

/**
 * The facts of the collected files that are read alike on every architecture; those that the files do not have are
 * left out.
 *
 * @param hasPorts - whether the architecture has x86's I/O space
 * @throws KexecError `EINVAL`, check `machine-text`, for a malformed file.
 */
export function readCommonFacts(
  known: Collected,
  resources: readonly Resource[],
  unknown: readonly UnknownFact[],
  hasPorts = false,
): CommonFacts {
  const totalRam = parseTotalRam(known.meminfo);
  const crashRegion = findCrashRegion(resources);
  const kernelImage = findKernelImage(resources);
  const kexecSignature = findKexecSignature(known.config);
  const lockdown = parseLockdown(known.lockdown ?? '');
  const kernel = readKernelFacts(known);
  const systemVendor = known['dmi-sys-vendor']?.trim();
  const bootFiles = known['boot-files'];
  const kdumpTools = readKdumpTools(known);
  const { acpi, broken } = readAcpiFacts(known, hasPorts);
  const { handover, broken: brokenHandover } = readHandoverFacts(known);
  const { efi, efiVariables, broken: brokenEfi } = readEfiFacts(known);
  const { crashCma, broken: brokenCrashCma } = readCrashCma(known);
  const { dmCryptKeys, broken: brokenKeys } = readDmCryptKeys(known);
  const allUnknown = [
    ...unknown,
    ...broken,
    ...brokenHandover,
    ...brokenEfi,
    ...brokenCrashCma,
    ...brokenKeys,
  ];
  const possible = known['cpu-possible'];
  return {
    ...(totalRam === undefined ? {} : { totalRam }),
    ...(crashRegion === undefined ? {} : { crashRegion }),
    ...(crashCma === undefined ? {} : { crashCma }),
    ...(dmCryptKeys === undefined ? {} : { dmCryptKeys }),
    ...(kernelImage === undefined ? {} : { kernelImage }),
    ...(known.cmdline === undefined ? {} : { commandLine: known.cmdline.trimEnd() }),
    ...(possible === undefined ? {} : { possibleCpus: countCpus(possible) }),
    ...(kexecSignature === undefined ? {} : { kexecSignature }),
    ...(lockdown === undefined ? {} : { lockdown }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(handover === undefined ? {} : { handover }),
    ...(systemVendor === undefined ? {} : { systemVendor }),
    ...readFirmwareNames(known),
    ...(bootFiles === undefined ? {} : { bootFiles: splitWords(bootFiles, '\n') }),
    ...(kdumpTools === undefined ? {} : { kdumpTools }),
    ...(efiVariables === undefined ? {} : { efiVariables }),
    ...(efi === undefined ? {} : { efi }),
    ...(acpi === undefined ? {} : { acpi }),
    ...(allUnknown.length === 0 ? {} : { unknown: allUnknown }),
  };
}

/** DMI's names; firmware may leave one empty. */
function readFirmwareNames(known: Collected): Pick<MachineFacts, 'systemProduct' | 'firmware'> {
  const systemProduct = known['dmi-product-name']?.trim() || undefined;
  const vendor = known['dmi-bios-vendor']?.trim() || undefined;
  const version = known['dmi-bios-version']?.trim() || undefined;
  const firmware = {
    ...(vendor === undefined ? {} : { vendor }),
    ...(version === undefined ? {} : { version }),
  };
  return {
    ...(systemProduct === undefined ? {} : { systemProduct }),
    ...(Object.keys(firmware).length === 0 ? {} : { firmware }),
  };
}

/** What the configuration asks of signatures. */
function findKexecSignature(config: string | undefined): KexecSignature | undefined {
  if (config === undefined) return undefined;
  const has = (name: string): boolean => new RegExp(`^${name}=y$`, 'm').test(config);
  // Before 5.4, there is one option, with which every signature has to hold.
  if (has('CONFIG_KEXEC_VERIFY_SIG')) return 'force';
  if (!has('CONFIG_KEXEC_SIG')) return 'none';
  return has('CONFIG_KEXEC_SIG_FORCE') ? 'force' : 'checked';
}

function readKernelFacts(collected: Collected): KernelFacts | undefined {
  const { release, config, vmcoreinfo } = collected;
  const disabled = readSysctl(collected, 'kexec-load-disabled');
  const limitReboot = readSysctl(collected, 'kexec-load-limit-reboot');
  const limitPanic = readSysctl(collected, 'kexec-load-limit-panic');
  const kernel: KernelFacts = {
    ...(release === undefined ? {} : { release: release.trim() }),
    ...(config === undefined ? {} : { config: parseKernelConfig(config) }),
    ...(vmcoreinfo === undefined ? {} : { vmcoreinfo: readVmcoreinfo(vmcoreinfo) }),
    ...(disabled === undefined ? {} : { kexecLoadDisabled: disabled !== 0 }),
    ...(limitReboot === undefined ? {} : { kexecLoadLimitReboot: limitReboot }),
    ...(limitPanic === undefined ? {} : { kexecLoadLimitPanic: limitPanic }),
    ...readSecurityFacts(collected),
  };
  return Object.keys(kernel).length === 0 ? undefined : kernel;
}

function readSecurityFacts(collected: Collected): KernelFacts {
  const { 'security-modules': modules, 'selinux-enforce': enforce, 'ima-policy': imaPolicy } = collected;
  return {
    ...(modules === undefined ? {} : { securityModules: splitWords(modules, ',') }),
    ...(enforce === undefined ? {} : { selinuxEnforcing: enforce.trim() === '1' }),
    ...(imaPolicy === undefined ? {} : { imaPolicy: imaPolicy.trim() }),
  };
}

function splitWords(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** `VMCOREINFO_BYTES`: the kernel's text has at most a page, of 64 KiB at most. */
const MAX_VMCOREINFO = 1 << 16;

/** @throws KexecError `EINVAL`, check `machine-text`, for more than the kernel's note has room for. */
function readVmcoreinfo(text: string): Vmcoreinfo {
  if (text.length > MAX_VMCOREINFO)
    refuse('machine-text', 'EINVAL', `vmcoreinfo has ${text.length} characters, more than a page`);
  return parseVmcoreinfo(text);
}

/** A number of /proc/sys. @throws KexecError `EINVAL`, check `machine-text`, if it is none. */
function readSysctl(
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
