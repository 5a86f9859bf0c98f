import { CHECKS } from '../../base/checks.js';
import { isPreset } from '../../machine/presets/presets.js';
import { SarifLog, type SarifResult } from '../../view/sarif/sarif-log.js';
import type { FleetRow } from '../compare/compare-rows.js';
import type { PreflightKernel } from '../kernel-facts.js';
import type { PreflightRow } from '../preflight-machine.js';
import { formatCause } from '../wording.js';
import type { StreamedDocument } from './fleet-document.js';
import { type FleetRefusal, listRefusals } from './list-refusals.js';

/**
 * A SARIF log with a result for each refusal. It lies in the machine's file, and the kernel is the related file.
 *
 * @param version - of kexec-file
 */
export function buildPreflightSarif(kernel: PreflightKernel, version: string): StreamedDocument {
  const log = new SarifLog(version);
  return {
    start: () => log.start(),
    row: (machine) => log.format(listResults(machine, kernel)),
    end: () => log.end(),
  };
}

function listResults(machine: FleetRow, kernel: PreflightKernel): SarifResult[] {
  const { row } = machine;
  return row === undefined ? [] : listRefusals(machine).map((refusal) => buildResult(row, refusal, kernel));
}

function buildResult(
  row: PreflightRow,
  { kind, refusal, fails, since }: FleetRefusal,
  kernel: PreflightKernel,
) {
  const { check, errno, detail, cure } = refusal;
  const name = row.outcome === undefined ? row.file : row.machine;
  // A preset has no file.
  const files = isPreset(row.file) ? { file: kernel.file } : { file: row.file, relatedFile: kernel.file };
  return {
    ...{ check, errno, ...files },
    level: fails ? ('error' as const) : ('warning' as const),
    message: `${describe(name, kind, kernel)}: ${formatCause(refusal)}: ${detail}`,
    cure: cure ?? CHECKS[check].cure,
    baselineState: since,
    properties: { machine: name, load: kind === 'crash' ? 'crash' : kernel.type },
  };
}

function describe(name: string, kind: FleetRefusal['kind'], { file, release }: PreflightKernel): string {
  if (kind === 'unreadable') return `${name} cannot be read`;
  const kernel = release === undefined ? file : `${file} (Linux ${release})`;
  return `${name} refuses ${kernel}${kind === 'crash' ? ' as a crash kernel' : ''}`;
}
