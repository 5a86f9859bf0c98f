/** The corpus of each target: inputs that a fuzzer found to reach what no other reaches, a line of base64 each. */
import { existsSync, readFileSync } from 'node:fs';

const FOLDER = new URL('corpus/', import.meta.url);

/** The inputs of a target; none if its file does not exist. */
export function readCorpus(name: string): Uint8Array[] {
  const file = new URL(`${name}.txt`, FOLDER);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => new Uint8Array(Buffer.from(line, 'base64')));
}
