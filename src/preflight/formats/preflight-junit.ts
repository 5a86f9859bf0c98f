import { CHECKS } from '../../base/checks.js';
import {
  formatJunitEnd,
  formatJunitStart,
  formatJunitTest,
  type JunitFault,
} from '../../view/junit/junit-xml.js';
import type { FleetRow } from '../compare/compare-rows.js';
import type { PreflightKernel } from '../kernel-facts.js';
import { describeCrashLoads, formatCause, formatReason } from '../wording.js';
import type { FleetDocument } from './fleet-document.js';
import { type FleetRefusal, listRefusals } from './list-refusals.js';

const CLASS = 'kexec-file.preflight';

/**
 * A report in JUnit's XML: a test for each machine. Tests fail exactly if the command does. If fleets are compared, a
 * machine that refused the kernel before, too, is a skipped test, and so is one that is gone.
 *
 * @param started - when the command was started
 */
export function buildPreflightJunit(
  { file, sha256, ...facts }: PreflightKernel,
  version: string,
  started: Date,
): FleetDocument {
  const counts = { tests: 0, failure: 0, error: 0, skipped: 0 };
  return {
    start: () =>
      formatJunitStart({
        name: CLASS,
        time: started,
        duration: Date.now() - started.getTime(),
        tests: counts.tests,
        failures: counts.failure,
        errors: counts.error,
        skipped: counts.skipped,
        properties: Object.entries({ 'kexec-file': version, kernel: file, sha256, ...facts }),
      }),
    row: (machine) => {
      const fault = findFault(machine);
      counts.tests += 1;
      if (fault !== undefined) counts[fault.kind] += 1;
      return formatJunitTest((machine.row ?? machine.before)?.file ?? '', CLASS, fault);
    },
    end: ({ summary }) => formatJunitEnd([describeCrashLoads(summary) ?? ''].filter((line) => line !== '')),
  };
}

/** What a test did not pass for; refusals as a crash kernel are none. */
function findFault(machine: FleetRow): JunitFault | undefined {
  if (machine.row === undefined)
    return { kind: 'skipped', type: 'gone', message: 'no longer in the fleet', lines: [] };
  const refusal = listRefusals(machine).find(({ kind }) => kind !== 'crash');
  return refusal && buildFault(refusal);
}

function buildFault({ kind, refusal, fails }: FleetRefusal): JunitFault {
  const { rule, source, cure } = CHECKS[refusal.check];
  return {
    kind: !fails ? 'skipped' : kind === 'unreadable' ? 'error' : 'failure',
    type: formatCause(refusal),
    message: formatReason(refusal),
    lines: [
      `rule: ${rule} (${source})`,
      `cure: ${refusal.cure ?? cure}`,
      `more: kexec-file explain ${refusal.check}`,
    ],
  };
}
