/** The shell blocks of a document, by where they run. */
import { readFileSync } from 'node:fs';

/**
 * Where a block runs, which is the word after `sh` in its fence: nothing for a folder with a kernel and what goes with
 * it, `guest` for an arm64 machine as root, `setup`, `checkout` and `install` for the repository.
 */
export type BlockPlace = '' | 'guest' | 'setup' | 'checkout' | 'install';

/** Reads the blocks of one place, in the document's order, joined to one script. Empty if there are none. */
export function readBlocks(document: string, place: BlockPlace): string {
  const text = readFileSync(document, 'utf8');
  const blocks = [...text.matchAll(/^```sh ?(\w*)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, found, script = '']) => (found === place ? [script] : [])).join('');
}

/** The places that occur in a document. */
export function placesIn(document: string): string[] {
  const text = readFileSync(document, 'utf8');
  return [...new Set([...text.matchAll(/^```sh ?(\w*)$/gm)].map(([, place = '']) => place))];
}
