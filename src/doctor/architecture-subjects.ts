import type { Machine } from '../machine/machine-value.js';
import type { X86Machine } from '../machine/x86-64/x86-machine.js';
import type { Finding, Topic } from './finding.js';
import type { IntendedLoad } from './intended-load.js';
import type { NextKernel } from './next-kernel.js';
import { diagnoseConfidentialGuest } from './subjects/x86-64/confidential-guest-findings.js';
import { diagnoseEfi } from './subjects/x86-64/efi-findings.js';
import { diagnoseInitrdPlace } from './subjects/x86-64/initrd-place-findings.js';
import { diagnosePageTables } from './subjects/x86-64/page-table-findings.js';
import { diagnoseX86Console } from './subjects/x86-64/x86-console-findings.js';

/** A subject that doctor examines. */
export interface Subject<M extends Machine = Machine> {
  /** That of a malformed fact; findings have their own. */
  readonly topic: Topic;
  diagnose(machine: M, intended: IntendedLoad, next: NextKernel): Finding[];
}

const X86_SUBJECTS: readonly Subject<X86Machine>[] = [
  { topic: 'cpus', diagnose: diagnosePageTables },
  { topic: 'initrd', diagnose: diagnoseInitrdPlace },
  { topic: 'console', diagnose: (machine, _, next) => diagnoseX86Console(machine, next) },
  { topic: 'memory', diagnose: diagnoseConfidentialGuest },
  { topic: 'firmware', diagnose: diagnoseEfi },
];

const SUBJECTS: Readonly<Record<Machine['architecture'], readonly Subject[]>> = {
  arm64: [],
  x86_64: X86_SUBJECTS,
};

/** Lists the subjects that only machines of one architecture have; none for an architecture that is not known. */
export function listArchitectureSubjects({ architecture }: Machine): readonly Subject[] {
  return SUBJECTS[architecture] ?? [];
}
