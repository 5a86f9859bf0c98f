import { formatRange, totalSize } from '../base/range.js';
import { formatBytes } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import { findMachineArchitecture } from '../machine/architectures.js';
import { findBootLoader } from '../machine/boot-loader.js';
import { listCrashRegions } from '../machine/crash-regions.js';
import { readSecureBoot } from '../machine/efi-facts.js';
import { findLockdown } from '../machine/find-lockdown.js';
import { type CrashFacts, type KernelFacts, listRam } from '../machine/machine-facts.js';
import type { Machine } from '../machine/machine-value.js';
import type { Facts } from './facts.js';

/** Inspects a machine value: its memory map, CPUs, kernel and crash facts, and which facts are unknown. */
export function inspectMachine(machine: Machine): Facts {
  const { crashRegion, kernel, crash, efiVariables, unknown, qemu } = machine;
  return {
    name: machine.name,
    memorySource: machine.memorySource,
    ram: hex(totalSize(listRam(machine))),
    totalRam: machine.totalRam === undefined ? 'unknown' : hex(machine.totalRam),
    memory: machine.memory.map(formatRange),
    reserved: machine.reserved.map(formatRange),
    ...(machine.driverManaged === undefined ? {} : { driverManaged: machine.driverManaged.map(formatRange) }),
    crashRegion: crashRegion === undefined ? 'none' : listCrashRegions(machine).map(formatRange),
    commandLine: machine.commandLine ?? 'unknown',
    pageSize: `${machine.pageSize / 1024}K`,
    ...findMachineArchitecture(machine).describe(machine),
    possibleCpus: machine.possibleCpus ?? 'unknown',
    kexecSignature: machine.kexecSignature ?? 'unknown',
    lockdown: findLockdown(machine) ?? 'unknown',
    secureBoot: describeSwitch(readSecureBoot(machine)),
    systemVendor: machine.systemVendor ?? 'unknown',
    bootLoader: findBootLoader(machine) ?? 'unknown',
    bootFiles: machine.bootFiles?.join(', ') ?? 'unknown',
    ...(kernel === undefined ? {} : { kernel: describeKernel(kernel) }),
    ...(crash === undefined ? {} : { crash: describeCrashFacts(crash) }),
    ...(efiVariables === undefined ? {} : { efiVariables: formatSizes(efiVariables) }),
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

function formatSizes(variables: Readonly<Record<string, Uint8Array>>): Facts {
  return Object.fromEntries(
    Object.entries(variables).map(([name, { length }]) => [name, formatBytes(length)]),
  );
}
