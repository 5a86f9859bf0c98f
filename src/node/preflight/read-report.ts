import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { type EarlierReport, MAX_REPORT_BYTES, parseReport } from '../../preflight/compare/earlier-report.js';

const OPENING_BRACE = '{'.charCodeAt(0);

/** Whether a file is a report of preflight, and no kernel: no kernel file begins with a brace. */
export function isReport(file: Uint8Array): boolean {
  return file[0] === OPENING_BRACE;
}

/** Reads an earlier report. @throws KexecError `EFBIG`, check `preflight-report`, or as parseReport(). */
export function readReport(file: Uint8Array): EarlierReport {
  if (file.length > MAX_REPORT_BYTES)
    refuse('preflight-report', 'EFBIG', `the report has ${formatBytes(file.length)}`);
  // Decoders do not read memory that threads share.
  return parseReport(new TextDecoder().decode(new Uint8Array(file)));
}
