import { attempt, KexecError } from '../../base/error.js';
import type { Machine } from '../machine-value.js';
import { type FleetCodec, type FleetMachine, FleetReader } from './fleet-reader.js';
import { refuseLongLine, splitLines } from './split-lines.js';

/** A machine of a stream, or why there is none where one should be. */
export interface FleetItem {
  /** The path of the machine's own file, or the place in the stream. */
  readonly file: string;
  readonly machine: FleetMachine | Machine | KexecError;
}

/** A piece of a file has thousands of lines: if the machines of all lived at once, the heap would grow by what they take. */
const MAX_ITEMS = 256;

/**
 * Reads the machines of a fleet file, or of JSON Lines of machine files.
 *
 * @param name - of the file, for error messages and for machines that have no file of their own
 * @returns machines as they are found. One that cannot be read is an item with the reason, and the others follow.
 */
export async function* readLineItems(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  codec: FleetCodec,
): AsyncGenerator<readonly FleetItem[]> {
  const reader = new FleetReader(name, codec);
  for await (const lines of splitLines(chunks)) {
    let items: FleetItem[] = [];
    for (const { number, bytes } of lines) {
      const read = attempt(() =>
        bytes === undefined ? refuseLongLine(`${name}, line ${number}`) : reader.read(bytes, number),
      );
      if (read === undefined) continue;
      if (read instanceof KexecError) items.push({ file: `${name}:${number}`, machine: read });
      else if ('machine' in read) items.push(read);
      else items.push({ file: read.file, machine: read });
      if (items.length < MAX_ITEMS) continue;
      yield items;
      items = [];
    }
    yield items;
  }
  const end = attempt(() => reader.finish());
  if (end instanceof KexecError) yield [{ file: name, machine: end }];
}
