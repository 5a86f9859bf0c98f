import type { Command } from 'commander';
import type { OutputOptions, Outputs } from '../../node/files/outputs.js';

/** The option of every command that writes files. */
export interface OutputCliOptions {
  readonly force?: boolean | undefined;
}

export function addForceOption(command: Command): Command {
  return command.option('--force', 'replace output files that exist');
}

/** A report for programs, as one of the outputs of a command: it goes to standard output. */
export function listReport({ json, format, output }: ReportCliOptions): Outputs {
  if (json === true) return { '--json': '-' };
  return format === undefined || output !== undefined ? {} : { '--format': '-' };
}

/** The options by which a command prints a report for programs. */
export interface ReportCliOptions {
  readonly json?: boolean | undefined;
  readonly format?: string | undefined;
  /** The file of the report in a format. */
  readonly output?: string | undefined;
}

/** @param inputs - files and folders that the command reads; undefined for those that were not given */
export function readOutputOptions(
  { force }: OutputCliOptions,
  inputs: readonly (string | undefined)[] = [],
): OutputOptions {
  return { inputs, overwrite: force === true };
}
