import { readProgramText } from '../../node/program/read-program-file.js';

/**
 * The name of a file beside the bundle with the help of the program, which the build writes for the usual widths.
 *
 * @param columns - of the terminal; undefined if there is none
 */
export function nameBuiltHelp(columns: number | undefined, isShort: boolean): string {
  return ['help', ...(isShort ? ['short'] : []), ...(columns === undefined ? [] : [columns])].join('-');
}

/** Reads the help of the program. @returns undefined if the build has not written it for this width */
export function readBuiltHelp(columns: number | undefined, isShort: boolean): string | undefined {
  try {
    return readProgramText(new URL(nameBuiltHelp(columns, isShort), import.meta.url));
  } catch {
    return undefined;
  }
}
