import { hex } from '../../base/u64.js';
import type { CrashEstimate, EstimatedPart } from '../../crash/estimate.js';
import type { Report } from './schemas/report-schemas.js';

/** What `crash estimate --json` prints. Sizes are "0x…", in bytes. */
export function buildEstimateJson(estimate: CrashEstimate): Report<'crash-estimate'> {
  const { parts, sum, usual, reserve, reserved, reservedCma, parameter, form, bootLoader, place } = estimate;
  return {
    parts: parts.map(buildPartJson),
    sum: hex(sum),
    ...(usual === undefined ? {} : { usual: buildPartJson(usual) }),
    reserve: hex(reserve),
    ...(reserved === undefined ? {} : { reserved: hex(reserved) }),
    ...(reservedCma === undefined ? {} : { reservedCma: hex(reservedCma) }),
    parameter,
    form,
    bootLoader: bootLoader ?? 'unknown',
    place,
  };
}

function buildPartJson({ what, bytes, why }: EstimatedPart): Report<'crash-estimate'>['parts'][number] {
  return { what, bytes: hex(bytes), why };
}
