import { readFileSync } from 'node:fs';
import { executable } from './single-executable.js';

/**
 * Reads a text that the build writes beside the program.
 *
 * @param url - of the file in the npm package; the executable has it under its last name
 * @throws Error, if there is no such file
 */
export function readProgramText(url: URL): string {
  if (executable === undefined) return readFileSync(url, 'utf8');
  return executable.readText(nameAsset(url));
}

/** Reads a file that the build writes beside the program, as {@link readProgramText}. */
export function readProgramBytes(url: URL): Uint8Array {
  return executable === undefined ? readFileSync(url) : executable.readBytes(nameAsset(url));
}

function nameAsset({ pathname }: URL): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1);
}
