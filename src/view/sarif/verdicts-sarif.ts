import { CHECKS } from '../../base/checks.js';
import type { SignatureVerdict } from '../../trust/signature-verdict.js';
import { joinPrintable, type Printable } from '../text/printable.js';
import { SarifLog, type SarifResult } from './sarif-log.js';

/** The verdict on a signed file. */
export type NamedVerdict = SignatureVerdict & { readonly file: string };

/**
 * Formats the refusals among the verdicts of `verify` as a SARIF log.
 *
 * @param version - of kexec-file
 */
export function formatVerdictsSarif(verdicts: readonly NamedVerdict[], version: string): Printable {
  const log = new SarifLog(version);
  return joinPrintable([log.start(), log.format(verdicts.flatMap(listResults)), log.end()], '');
}

function listResults({ file, verdict, trail }: NamedVerdict): SarifResult[] {
  const last = verdict === 'ok' ? undefined : trail.at(-1);
  if (last?.errno === undefined) return [];
  const { check, errno, detail, cure = CHECKS[check].cure } = last;
  return [{ check, errno, level: 'error', message: `${file}: ${errno} (${check}): ${detail}`, cure, file }];
}
