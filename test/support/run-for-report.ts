import { runCli } from './cli.js';
import { parseReports } from './json-reports.js';

/** What a command prints with `--json`: its first report. */
export function runForReport(...args: readonly string[]): object {
  return { ...parseReports(runCli(...args, '--json').stdout)[0] };
}
