import type { KexecError } from '../../base/error.js';
import { findHandoverState } from '../../machine/handover-state.js';
import { hasChange, mayHaveLaterChanges } from '../../machine/kernel-changes.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { UnknownFact } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, Topic } from '../finding.js';

/** The topics that depend on a fact, by the name of its collected file. Other facts have the topic `machine`. */
const TOPICS: Readonly<Record<string, Topic>> = {
  fdt: 'device-tree',
  'device-tree': 'device-tree',
  iomem: 'memory',
  'memblock-memory': 'memory',
  'memblock-reserved': 'memory',
  'kho-scratch-phys': 'memory',
  'kho-scratch-len': 'memory',
  memmap: 'memory',
  'boot-params': 'memory',
  'efi-runtime-map': 'firmware',
  purgatory: 'load',
  'crash-cma-ranges': 'crash-region',
  'dm-crypt-keys': 'dump',
  cmdline: 'console',
  config: 'kernel-options',
  release: 'kernel-options',
  cpuinfo: 'cpus',
  'cpu-possible': 'cpus',
  'acpi-FACP': 'cpus',
  'acpi-APIC': 'cpus',
  'acpi-SPCR': 'console',
  vmcoreinfo: 'crash-facts',
  'kcore-headers': 'crash-facts',
  'crash-elfcorehdr-size': 'crash-facts',
  'vmcoreinfo-note': 'crash-facts',
  'crash-notes': 'crash-facts',
  kallsyms: 'crash-facts',
  lockdown: 'lockdown',
  'kexec-load-disabled': 'permission',
  'kexec-load-limit-reboot': 'permission',
  'kexec-load-limit-panic': 'permission',
  'efivar-db': 'signature',
  'efivar-dbx': 'signature',
  'efivar-MokListRT': 'signature',
  'efivar-MokListXRT': 'signature',
  'efivar-SecureBoot': 'signature',
};

/** The topics that concern crash kernels alone. */
const KDUMP_TOPICS: readonly (Topic | undefined)[] = ['crash-facts', 'crash-region', 'dump'];

const SKIPPED = 'checks that depend on it are skipped';
const RECORDING = 'kexec-file machine record';

/** Finds the facts that could not be read when the machine was recorded. */
export function diagnoseUnknown(machine: Machine): Finding[] {
  return (machine.unknown ?? [])
    .filter(({ fact }) => !isReportedElsewhere(fact, machine) && !isFromOlderKernel(fact, machine))
    .map(({ fact, reason }) => ({
      topic: TOPICS[fact] ?? 'machine',
      severity: 'unknown',
      about: KDUMP_TOPICS.includes(TOPICS[fact]) ? 'kdump' : 'both',
      fact: `${fact} could not be read: ${reason}`,
      why: SKIPPED,
      source: RECORDING,
    }));
}

/** The finding for a fact of the machine that is malformed. */
export function describeMalformedFact(topic: Topic, { errno, check, seen, cure }: KexecError): Finding {
  return {
    topic,
    severity: 'unknown',
    about: 'both',
    fact: `${errno} (${check}): ${seen}`,
    why: SKIPPED,
    cure,
    source: RECORDING,
  };
}

/** Formats why facts are unknown, as the end of a sentence; empty if no reason was recorded. */
export function formatReasons({ unknown = [] }: Machine, isWanted: (fact: UnknownFact) => boolean): string {
  return unknown
    .filter(isWanted)
    .map(({ fact, reason }) => `; ${fact}: ${reason}`)
    .join('');
}

/** Whether the ELF core header of a crash kernel depends on a fact. */
export function isCrashFact({ fact }: UnknownFact): boolean {
  return TOPICS[fact] === 'crash-facts';
}

/** The findings on the configuration and on crash facts contain these reasons. */
function isReportedElsewhere(fact: string, machine: Machine): boolean {
  if (fact === 'config' || isKnownHandover(fact, machine)) return true;
  return TOPICS[fact] === 'crash-facts' && machine.crash === undefined;
}

/** The finding on Kexec Handover says that its areas are unknown, if it was asked for; without it, there are none. */
function isKnownHandover(fact: string, machine: Machine): boolean {
  return fact.startsWith('kho-') && findHandoverState(machine) !== 'unknown';
}

function isFromOlderKernel(fact: string, { kernel: { release, config } = {} }: Machine): boolean {
  if (fact.startsWith('dm-crypt-'))
    return !(isBuiltIn(config, 'CRASH_DM_CRYPT') ?? hasChange(release, 'dm-crypt-keys'));
  if (fact.startsWith('kexec-load-limit-')) return !hasChange(release, 'load-limits');
  if (!fact.startsWith('kho-') || release === undefined) return false;
  return !hasChange(release, 'kexec-handover') && !mayHaveLaterChanges(release);
}
