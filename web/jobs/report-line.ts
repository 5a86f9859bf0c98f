import { buildReportHeader } from '../../src/base/report-header.js';
import { formatJson } from '../../src/view/json/format-json.js';

/** A report in a line, as a command prints it in JSON Lines. @param name - of the report */
export function formatReportLine(name: string, fields: object): string {
  return formatJson({ ...buildReportHeader(name), ...fields }, 'line');
}
