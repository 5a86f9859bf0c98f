import { attempt, KexecError } from '../base/error.js';
import type { Machine } from '../machine/machine-value.js';
import { listArchitectureSubjects, type Subject } from './architecture-subjects.js';
import { type Finding, sortBySeverity } from './finding.js';
import type { IntendedLoad } from './intended-load.js';
import { describeNextKernel } from './next-kernel.js';
import { diagnoseConsole } from './subjects/console-findings.js';
import { diagnoseCpus } from './subjects/cpu-findings.js';
import { diagnoseCrashFacts } from './subjects/crash-facts-findings.js';
import { diagnoseCrashRegion } from './subjects/crash-region-findings.js';
import { diagnoseDeviceTree } from './subjects/device-tree-findings.js';
import { diagnoseDmCrypt } from './subjects/dm-crypt-findings.js';
import { diagnoseDumpService } from './subjects/dump-service-findings.js';
import { diagnoseDumpTool } from './subjects/dump-tool-findings.js';
import { diagnoseFirmware } from './subjects/firmware-findings.js';
import { diagnoseHandover } from './subjects/handover-findings.js';
import { diagnoseHardware } from './subjects/hardware-findings.js';
import { diagnoseIma } from './subjects/ima-findings.js';
import { diagnoseImage } from './subjects/image-findings.js';
import { diagnoseInitrd } from './subjects/initrd-findings.js';
import { diagnoseKernelOptions } from './subjects/kernel-option-findings.js';
import { diagnoseLoad } from './subjects/load-findings.js';
import { diagnoseLockdown } from './subjects/lockdown-findings.js';
import { diagnoseMemory } from './subjects/memory-findings.js';
import { diagnoseNextMap } from './subjects/next-map-findings.js';
import { diagnosePermissions } from './subjects/permission-findings.js';
import { diagnoseRelease } from './subjects/release-findings.js';
import { diagnoseSecurityModules } from './subjects/security-module-findings.js';
import { diagnoseSignature } from './subjects/signature-findings.js';
import { diagnoseStatus } from './subjects/status-findings.js';
import { describeMalformedFact, diagnoseUnknown } from './subjects/unknown-findings.js';

/** The subjects that all machines have, in the order in which a load meets them. */
const SUBJECTS: readonly Subject[] = [
  { topic: 'permission', diagnose: diagnosePermissions },
  { topic: 'permission', diagnose: diagnoseSecurityModules },
  { topic: 'lockdown', diagnose: diagnoseLockdown },
  { topic: 'ima', diagnose: diagnoseIma },
  { topic: 'kernel-options', diagnose: diagnoseKernelOptions },
  { topic: 'kernel-options', diagnose: diagnoseRelease },
  { topic: 'cpus', diagnose: diagnoseCpus },
  { topic: 'load', diagnose: diagnoseLoad },
  { topic: 'image', diagnose: diagnoseImage },
  { topic: 'signature', diagnose: diagnoseSignature },
  { topic: 'crash-region', diagnose: diagnoseCrashRegion },
  { topic: 'crash-facts', diagnose: diagnoseCrashFacts },
  { topic: 'initrd', diagnose: diagnoseInitrd },
  { topic: 'console', diagnose: (machine, _, next) => diagnoseConsole(machine, next) },
  { topic: 'memory', diagnose: diagnoseMemory },
  { topic: 'memory', diagnose: diagnoseNextMap },
  { topic: 'memory', diagnose: diagnoseHandover },
  { topic: 'device-tree', diagnose: diagnoseDeviceTree },
  { topic: 'firmware', diagnose: diagnoseFirmware },
  { topic: 'firmware', diagnose: diagnoseHardware },
  { topic: 'dump', diagnose: diagnoseDmCrypt },
  { topic: 'dump', diagnose: diagnoseDumpTool },
  { topic: 'dump', diagnose: diagnoseDumpService },
  { topic: 'status', diagnose: diagnoseStatus },
  { topic: 'machine', diagnose: diagnoseUnknown },
];

/**
 * Finds what would stop kexec or kdump on a machine, and what is in order. Reads nothing but its arguments.
 *
 * @param intended - the load in question, as `openIntendedKernel()` returns it
 * @returns the findings, the worst first; a malformed file or fact is a finding, not an error
 * @example
 * ```ts
 * const stopping = diagnose(machine, {}).filter(({ severity }) => severity === 'stops');
 * ```
 */
export function diagnose(machine: Machine, intended: IntendedLoad): Finding[] {
  const next = describeNextKernel(machine, intended);
  const subjects = [...SUBJECTS, ...listArchitectureSubjects(machine)];
  const findings = subjects.flatMap(({ topic, diagnose: diagnoseSubject }) => {
    const found = attempt(() => diagnoseSubject(machine, intended, next));
    return found instanceof KexecError ? [describeMalformedFact(topic, found)] : found;
  });
  return sortBySeverity(findings);
}
