import { concatenate } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { MAX_LINE_BYTES } from './fleet-lines.js';

const LINE_FEED = 10;

/** A line of a file: its number from 1 on, and its bytes without the line feed, undefined if it is too long. */
export interface FileLine {
  readonly number: number;
  readonly bytes: Uint8Array | undefined;
}

/**
 * Splits a stream of bytes into lines. Empty lines are left out.
 *
 * @returns the lines that each piece completes
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly FileLine[]> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const lines: FileLine[] = [];
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
      const end = chunk.subarray(from, to);
      const size = length + end.length;
      if (size > MAX_LINE_BYTES) lines.push({ number, bytes: undefined });
      else if (size > 0) lines.push({ number, bytes: length === 0 ? end : concatenate([...parts, end]) });
      number += 1;
      from = to + 1;
      parts = [];
      length = 0;
    }
    const rest = chunk.subarray(from);
    length += rest.length;
    // Of a line that is too long, nothing is kept.
    if (length > MAX_LINE_BYTES) parts = [];
    else if (rest.length > 0) parts.push(rest);
    if (lines.length > 0) yield lines;
  }
  if (length > MAX_LINE_BYTES) yield [{ number, bytes: undefined }];
  else if (length > 0) yield [{ number, bytes: concatenate(parts) }];
}

/** @throws KexecError `EFBIG`, check `fleet-file`. */
export function refuseLongLine(where: string): never {
  refuse('fleet-file', 'EFBIG', `${where} has more than ${formatBytes(MAX_LINE_BYTES)}`);
}
