import { createReadStream } from 'node:fs';
import { toAccessError } from './access-error.js';

/** What is kept of a line, so that a file without line ends takes no more memory than another. */
const MAX_LINE_LENGTH = 16384;

/**
 * Reads the lines of a file of any length, one after the other.
 *
 * @param path - `-` is standard input
 * @returns of each line its first 16384 characters; what is not UTF-8 becomes U+FFFD
 * @throws KexecError `file-access`, with the system's errno.
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  const stream = path === '-' ? process.stdin : createReadStream(path);
  stream.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = chunk.split('\n');
      lines[0] = rest + lines[0];
      rest = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH);
      for (const line of lines) yield line.slice(0, MAX_LINE_LENGTH);
    }
  } catch (cause) {
    throw toAccessError(`cannot read ${path}`, cause);
  }
  if (rest !== '') yield rest;
}
