import {
  describeLacks,
  KERNEL_CHANGES,
  lacksChange,
  listFileLoadChanges,
  mayHaveLaterChanges,
} from '../../machine/kernel-changes.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, FindingFrame } from '../finding.js';
import { hasKexecFileLoad, type IntendedLoad } from '../intended-load.js';

const SOURCE = 'the release of the running kernel; docs/kernel-releases.md';

/** Finds what kexec_file_load of the running kernel lacks by its release. */
export function diagnoseRelease(machine: Machine, intended: IntendedLoad): Finding[] {
  const { architecture, kernel: { release } = {} } = machine;
  if (release === undefined) return [];
  const hasFile = hasKexecFileLoad(machine, intended);
  const frame: FindingFrame = { topic: 'kernel-options', about: 'both', source: SOURCE };
  if (hasFile !== false) {
    return [
      ...diagnoseCrashLoads(machine, release, hasFile === true, frame),
      ...diagnoseFileLoad(architecture, release, frame),
    ];
  }
  if (!lacksChange(machine, 'file-load')) return [];
  return [
    {
      ...frame,
      severity: 'fine',
      fact: `the running kernel is ${release}: ${architecture} has kexec_file_load since Linux ${KERNEL_CHANGES['file-load'].since}`,
      why: 'kexec_load is there in its place: kexec-file verifies and places the files itself',
    },
  ];
}

/** @param hasFile - whether the kernel is known to have the call */
function diagnoseCrashLoads(
  machine: Machine,
  release: string,
  hasFile: boolean,
  frame: FindingFrame,
): Finding[] {
  if (!lacksChange(machine, 'crash-file-load')) return [];
  const doubt = mayHaveLaterChanges(release)
    ? ', unless its distribution added that'
    : hasFile
      ? ''
      : '; whether the kernel has the call is unknown';
  const isCertain = doubt === '';
  return [
    {
      ...frame,
      about: 'kdump',
      severity: isCertain ? 'warns' : 'unknown',
      fact: `kexec_file_load of ${release} loads no crash kernels${doubt}`,
      why: `it answers EOPNOTSUPP before Linux ${KERNEL_CHANGES['crash-file-load'].since}`,
      cure: 'load the crash kernel by kexec_load: --syscall segments (kexec-tools: without -s)',
      evidence: { check: 'crash-file-load', ...(isCertain ? { holds: false } : {}) },
    },
  ];
}

function diagnoseFileLoad(architecture: string, release: string, frame: FindingFrame): Finding[] {
  const lacks = describeLacks(release, listFileLoadChanges(architecture));
  if (lacks.length === 0) return [];
  const doubt = mayHaveLaterChanges(release) ? '; its distribution may have added later changes' : '';
  return [
    {
      ...frame,
      severity: 'fine',
      fact: `kexec_file_load of ${release} is older than that of Linux 6.12${doubt}`,
      why: lacks.join('; '),
    },
  ];
}
