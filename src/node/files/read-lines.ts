import { createReadStream } from 'node:fs';
import { toAccessError } from './files.js';

/** Of a line, more is not kept, so that a file without line ends takes no more memory than another. */
const LONGEST = 4096;

/**
 * The lines of a file of any length, one after the other; of a line, its first 4096 bytes, as Latin-1.
 *
 * @param path - `-` is standard input
 * @throws KexecError `file-access`, with the system's errno.
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  const stream = path === '-' ? process.stdin : createReadStream(path);
  stream.setEncoding('latin1');
  let rest = '';
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = chunk.split('\n');
      lines[0] = rest + lines[0];
      rest = (lines.pop() ?? '').slice(0, LONGEST);
      for (const line of lines) yield line.slice(0, LONGEST);
    }
  } catch (cause) {
    throw toAccessError(`cannot read ${path}`, cause);
  }
  if (rest !== '') yield rest;
}
