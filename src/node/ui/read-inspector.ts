import { brotliDecompressSync } from 'node:zlib';
import { readProgramBytes } from '../program/read-program-file.js';

/** The inspector's page, which the build writes beside the program. It is compressed: few users open it. */
export const PAGE_FILE = 'inspector.html.br';

/** Reads the inspector's page. @param base - the URL of the program */
export function readInspector(base: string): string {
  return brotliDecompressSync(readProgramBytes(new URL(PAGE_FILE, base))).toString('utf8');
}
