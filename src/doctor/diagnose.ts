import { KexecError } from '../base/error.js';
import type { Machine } from '../machine/machine-value.js';
import { type Finding, sortBySeverity, type Topic } from './finding.js';
import type { IntendedLoad } from './intended-load.js';
import { describeNextKernel, type NextKernel } from './next-kernel.js';
import { diagnoseConsole } from './subjects/console-findings.js';
import { diagnoseCpus } from './subjects/cpu-findings.js';
import { diagnoseCrashFacts } from './subjects/crash-facts-findings.js';
import { diagnoseCrashRegion } from './subjects/crash-region-findings.js';
import { diagnoseImage } from './subjects/image-findings.js';
import { diagnoseInitrd } from './subjects/initrd-findings.js';
import { diagnoseKernelOptions } from './subjects/kernel-option-findings.js';
import { diagnoseLoad } from './subjects/load-findings.js';
import { diagnoseLockdown } from './subjects/lockdown-findings.js';
import { diagnoseMemory } from './subjects/memory-findings.js';
import { diagnosePermissions } from './subjects/permission-findings.js';
import { diagnoseSignature } from './subjects/signature-findings.js';
import { diagnoseStatus } from './subjects/status-findings.js';
import { diagnoseUnknown } from './subjects/unknown-findings.js';

type Diagnose = (machine: Machine, subject: IntendedLoad, next: NextKernel) => Finding[];

/** Everything that is looked at, in the order in which a load comes across it. */
const SUBJECTS: readonly (readonly [Topic, Diagnose])[] = [
  ['permission', diagnosePermissions],
  ['lockdown', diagnoseLockdown],
  ['kernel-options', diagnoseKernelOptions],
  ['cpus', diagnoseCpus],
  ['load', diagnoseLoad],
  ['image', diagnoseImage],
  ['signature', diagnoseSignature],
  ['crash-region', diagnoseCrashRegion],
  ['crash-facts', diagnoseCrashFacts],
  ['initrd', (_, subject, next) => diagnoseInitrd(subject, next)],
  ['console', (machine, _, next) => diagnoseConsole(machine, next)],
  ['memory', diagnoseMemory],
  ['status', diagnoseStatus],
  ['machine', diagnoseUnknown],
];

/**
 * What would stop kexec or kdump on a machine, and what was looked at and found in order: the worst first.
 *
 * Reads nothing but its arguments. Never throws for what is wrong with them: a file or a fact that is malformed is a
 * finding.
 */
export function diagnose(machine: Machine, subject: IntendedLoad): Finding[] {
  const next = describeNextKernel(machine, subject);
  return sortBySeverity(
    SUBJECTS.flatMap(([topic, look]) => diagnoseGuarded(topic, () => look(machine, subject, next))),
  );
}

function diagnoseGuarded(topic: Topic, look: () => Finding[]): Finding[] {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    return [describeMalformedFact(topic, error)];
  }
}

/** A fact of the machine that cannot be understood. */
export function describeMalformedFact(topic: Topic, { errno, check, seen }: KexecError): Finding {
  return {
    topic,
    severity: 'unknown',
    about: 'both',
    fact: `${errno} (${check}): ${seen}`,
    why: 'what hangs on it cannot be told',
    cure: 'record the machine again',
    source: 'kexec-file machine record',
  };
}
