import type { Command } from 'commander';
import type { OutputOptions } from '../../node/files/outputs.js';

/** The option of every command that writes files. */
export interface OutputCliOptions {
  readonly force?: boolean | undefined;
}

export function addForceOption(command: Command): Command {
  return command.option('--force', 'replace output files that exist');
}

/** @param inputs - files and folders that the command reads; undefined for those that were not given */
export function readOutputOptions(
  { force }: OutputCliOptions,
  inputs: readonly (string | undefined)[] = [],
): OutputOptions {
  return { inputs, overwrite: force === true };
}
