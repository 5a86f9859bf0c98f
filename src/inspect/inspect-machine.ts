import { formatRange, totalSize } from '../base/range.js';
import { formatBytes } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import type { AcpiFacts, AcpiUart } from '../machine/acpi-facts.js';
import { findMachineArchitecture } from '../machine/architectures.js';
import { findBootLoader } from '../machine/boot-loader.js';
import type { CmaFacts } from '../machine/cma-facts.js';
import { listCrashRegions } from '../machine/crash-regions.js';
import type { DmCryptFacts } from '../machine/dm-crypt-keys.js';
import type { EfiFacts } from '../machine/efi-facts.js';
import { readSecureBoot } from '../machine/efi-variables.js';
import { findLockdown } from '../machine/find-lockdown.js';
import type { HandoverFacts } from '../machine/handover-facts.js';
import { findHandoverState } from '../machine/handover-state.js';
import type { KdumpTools } from '../machine/kdump-tools.js';
import { type CrashFacts, type KernelFacts, listRam } from '../machine/machine-facts.js';
import type { Machine } from '../machine/machine-value.js';
import type { Facts } from './facts.js';

/** Inspects a machine value: its memory map, CPUs, kernel and crash facts, and which facts are unknown. */
export function inspectMachine(machine: Machine): Facts {
  const {
    crashRegion,
    crashCma,
    dmCryptKeys,
    kernel,
    crash,
    kdumpTools,
    firmware,
    efi,
    efiVariables,
    acpi,
    handover,
    cma,
    unknown,
    qemu,
  } = machine;
  return {
    name: machine.name,
    memorySource: machine.memorySource,
    ram: hex(totalSize(listRam(machine))),
    totalRam: machine.totalRam === undefined ? 'unknown' : hex(machine.totalRam),
    memory: machine.memory.map(formatRange),
    reserved: machine.reserved.map(formatRange),
    ...(machine.driverManaged === undefined ? {} : { driverManaged: machine.driverManaged.map(formatRange) }),
    crashRegion: crashRegion === undefined ? 'none' : listCrashRegions(machine).map(formatRange),
    ...(crashCma === undefined ? {} : { crashCma: crashCma.map(formatRange) }),
    ...(dmCryptKeys === undefined ? {} : { dmCryptKeys: describeDmCryptKeys(dmCryptKeys) }),
    commandLine: machine.commandLine ?? 'unknown',
    pageSize: `${machine.pageSize / 1024}K`,
    ...findMachineArchitecture(machine).describe(machine),
    possibleCpus: machine.possibleCpus ?? 'unknown',
    kexecSignature: machine.kexecSignature ?? 'unknown',
    lockdown: findLockdown(machine) ?? 'unknown',
    secureBoot: describeSwitch(readSecureBoot(machine)),
    systemVendor: machine.systemVendor ?? 'unknown',
    ...(machine.systemProduct === undefined ? {} : { systemProduct: machine.systemProduct }),
    ...(firmware === undefined ? {} : { firmware: [firmware.vendor, firmware.version].join(' ').trim() }),
    bootLoader: findBootLoader(machine) ?? 'unknown',
    bootFiles: machine.bootFiles?.join(', ') ?? 'unknown',
    ...(kdumpTools === undefined ? {} : { kdumpTools: describeKdumpTools(kdumpTools) }),
    ...(kernel === undefined ? {} : { kernel: describeKernel(kernel) }),
    ...(crash === undefined ? {} : { crash: describeCrashFacts(crash) }),
    ...(efiVariables === undefined ? {} : { efiVariables: formatSizes(efiVariables) }),
    handover: handover === undefined ? findHandoverState(machine) : describeHandover(handover),
    ...(efi === undefined ? {} : { efi: describeEfi(efi) }),
    ...(cma === undefined ? {} : { cma: describeCma(cma) }),
    ...(acpi === undefined ? {} : { acpi: describeAcpi(acpi) }),
    ...(unknown === undefined ? {} : { unknown: unknown.map(({ fact, reason }) => `${fact}: ${reason}`) }),
    ...(qemu === undefined
      ? {}
      : { qemu: `-M ${qemu.machine} -cpu ${qemu.cpu} -m ${qemu.memory} -smp ${qemu.cpus}` }),
  };
}

function describeKernel(kernel: KernelFacts): Facts {
  return {
    release: kernel.release ?? 'unknown',
    kexecLoadDisabled: kernel.kexecLoadDisabled ?? 'unknown',
    kexecLoadLimitReboot: formatLimit(kernel.kexecLoadLimitReboot),
    kexecLoadLimitPanic: formatLimit(kernel.kexecLoadLimitPanic),
    securityModules: kernel.securityModules?.join(', ') ?? 'unknown',
    selinuxEnforcing: kernel.selinuxEnforcing ?? 'unknown',
    imaPolicy: kernel.imaPolicy?.split('\n') ?? 'unknown',
    config:
      kernel.config === undefined
        ? 'unknown'
        : Object.entries(kernel.config).map(([name, value]) => `${name}=${value}`),
    vmcoreinfo:
      kernel.vmcoreinfo === undefined ? 'unknown' : `${Object.keys(kernel.vmcoreinfo).length} values`,
  };
}

function describeSwitch(isOn: boolean | undefined): string {
  if (isOn === undefined) return 'unknown';
  return isOn ? 'on' : 'off';
}

function formatLimit(count: number | undefined): string | number {
  return count === -1 ? 'none' : (count ?? 'unknown');
}

function describeCrashFacts({ notes, vmcoreinfo, text, linearMap }: CrashFacts): Facts {
  return {
    notes: notes.map(formatRange),
    vmcoreinfo: formatRange(vmcoreinfo),
    text: `${formatRange(text)} at ${hex(text.virtual)}`,
    linearMap: `${hex(linearMap.physical)} at ${hex(linearMap.virtual)}`,
  };
}

function describeKdumpTools({ units, makedumpfile, ...settings }: KdumpTools): Facts {
  return {
    units: units.length === 0 ? 'none' : units.join(', '),
    makedumpfile: makedumpfile === undefined ? 'none' : { ...makedumpfile },
    ...settings,
  };
}

function describeCma({ total, defaultArea }: CmaFacts): Facts {
  return { total: hex(total), defaultArea: defaultArea === undefined ? 'unknown' : formatRange(defaultArea) };
}

function describeDmCryptKeys({ keys, reuse }: DmCryptFacts): Facts {
  const described = keys.map(({ name, description = 'no description' }) => `${name}: ${description}`);
  return { keys: keys.length === 0 ? 'none' : described, reuse };
}

function describeHandover({ scratch, fdt }: HandoverFacts): Facts {
  return { scratch: scratch.map(formatRange), fdt: fdt === undefined ? 'unknown' : hex(fdt) };
}

function describeEfi({ platformSize, tables, services }: EfiFacts): Facts {
  return {
    platformSize: platformSize === undefined ? 'unknown' : `${platformSize} bits`,
    tables: tables?.join(', ') ?? 'unknown',
    services: services === undefined ? 'unknown' : services.join(', ') || 'none',
  };
}

function describeAcpi({ tables, cpuMethod, console, debugPorts, gic, watchdogs }: AcpiFacts): Facts {
  return {
    tables: tables.join(', '),
    cpuMethod: cpuMethod ?? 'unknown',
    console:
      console === undefined ? 'unknown' : { ...describeUart(console), baud: console.baud ?? 'unchanged' },
    debugPorts: debugPorts?.map(describeUart) ?? 'unknown',
    gic: gic === undefined ? 'unknown' : { version: gic.version ?? 'unknown', its: gic.its },
    watchdogs: watchdogs ?? 'unknown',
  };
}

function describeUart({ type, address, accessBits }: AcpiUart): Facts {
  return { type, address: hex(address), accessBits: accessBits ?? 'unknown' };
}

function formatSizes(variables: Readonly<Record<string, Uint8Array>>): Facts {
  return Object.fromEntries(
    Object.entries(variables).map(([name, { length }]) => [name, formatBytes(length)]),
  );
}
