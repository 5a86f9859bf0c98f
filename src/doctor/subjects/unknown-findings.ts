import { isReleaseBefore } from '../../base/kernel-release.js';
import type { UnknownFact } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, Topic } from '../finding.js';

/** What hangs on a fact, by the names of collected files; what is not here hangs on the machine as a whole. */
const TOPICS: Readonly<Record<string, Topic>> = {
  fdt: 'device-tree',
  'device-tree': 'device-tree',
  iomem: 'memory',
  'memblock-memory': 'memory',
  'memblock-reserved': 'memory',
  cmdline: 'console',
  config: 'kernel-options',
  release: 'kernel-options',
  cpuinfo: 'cpus',
  'cpu-possible': 'cpus',
  vmcoreinfo: 'crash-facts',
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
};

/** What could not be read when the machine was recorded: what hangs on it is not looked at. */
export function diagnoseUnknown(machine: Machine): Finding[] {
  return (machine.unknown ?? [])
    .filter(({ fact }) => !isReportedElsewhere(fact, machine) && !isFromOlderKernel(fact, machine))
    .map(({ fact, reason }) => ({
      topic: TOPICS[fact] ?? 'machine',
      severity: 'unknown',
      about: TOPICS[fact] === 'crash-facts' ? 'kdump' : 'both',
      fact: `${fact} could not be read: ${reason}`,
      why: 'what hangs on it is not looked at',
      source: 'kexec-file machine record',
    }));
}

/** Why a fact is not known, as the end of a sentence; nothing if nobody says. */
export function formatReasons({ unknown = [] }: Machine, isAsked: (fact: UnknownFact) => boolean): string {
  return unknown
    .filter(isAsked)
    .map(({ fact, reason }) => `; ${fact}: ${reason}`)
    .join('');
}

/** Facts that a crash kernel's ELF core header is made of. */
export function isCrashFact({ fact }: UnknownFact): boolean {
  return TOPICS[fact] === 'crash-facts';
}

/** The findings about the configuration and about crash facts have these reasons in them. */
function isReportedElsewhere(fact: string, { crash }: Machine): boolean {
  return fact === 'config' || (TOPICS[fact] === 'crash-facts' && crash === undefined);
}

/** Kernels before 6.3 have no limits, and so nothing to read. */
function isFromOlderKernel(fact: string, { kernel }: Machine): boolean {
  if (!fact.startsWith('kexec-load-limit-')) return false;
  return isReleaseBefore(kernel?.release, 6, 3) === true;
}
