import { attemptAsync, KexecError } from '../../base/error.js';
import { isTar } from '../../formats/tar.js';
import { TAR_NAME } from '../../machine/collect/collected-files.js';
import { recordTar } from '../../machine/collect/collected-tar.js';
import { MAX_FILE_BYTES } from '../../machine/collect/sources.js';
import { refuseLargerFile } from '../../machine/collect/unpack-collected.js';
import { PACKED_NAME } from '../../machine/fleet/file-names.js';
import { type FleetItem, readLineItems } from '../../machine/fleet/fleet-items.js';
import type { Machine } from '../../machine/machine-value.js';
import { parseMachineFile } from '../../machine/parse-machine-file.js';
import { nodeFleetCodec } from '../codecs/node-fleet-codec.js';
import { nodeGunzip } from '../collect/node-gunzip.js';
import { isDash, nameInput } from '../files/standard-input.js';
import { readFleetChunks } from './fleet-chunks.js';
import { readMachineTar, startsMachineTar } from './tar-stream.js';

/** Other names of files with many machines; tars are looked into. */
const FLEET_NAME = /\.jsonl(\.zst|\.gz)?$|\.zst$/;

/** Whether a path names a file that is read machine by machine: by its name, or a tar of machines by its start. */
export async function isFleetStream(path: string): Promise<boolean> {
  if (isDash(path) || PACKED_NAME.test(path) || FLEET_NAME.test(path)) return true;
  if (!TAR_NAME.test(path)) return false;
  const start = await attemptAsync(async () => {
    for await (const chunk of readFleetChunks(path)) return chunk;
    return Buffer.alloc(0);
  });
  // Reading it reports the error.
  return !(start instanceof KexecError) && startsMachineTar(start);
}

/**
 * Reads the machines of a stream: a fleet file, JSON Lines of machine files, a tar of machine files or of tars of
 * collected files; of `-`, also one machine file or one tar of collected files. It may be compressed with gzip or zstd.
 *
 * @returns machines as they are found. One that cannot be read is an item with the reason, and the others follow;
 *   nothing follows a fault after which no line can be found.
 */
export async function* readFleet(path: string): AsyncGenerator<readonly FleetItem[]> {
  try {
    const chunks = readFleetChunks(path);
    const { value: first, done } = await chunks.next();
    if (done === true) return;
    const start = await fillStart(first, chunks);
    const all = prepend(start, chunks);
    if (startsMachineTar(start)) yield* readTarItems(path, all);
    else if (isTar(start))
      yield [await readWhole(path, all, (bytes) => recordTar(nameInput(path), bytes, nodeGunzip))];
    else if (isDash(path) && !startsWithJsonLine(start))
      yield [await readWhole(path, all, async (bytes) => parseMachineFile(bytes))];
    else yield* readLineItems(nameInput(path), all, nodeFleetCodec);
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    yield [{ file: path, machine: error }];
  }
}

/** A tar's first member may have headers of its own before it. */
const START_BYTES = 1 << 16;

/** Pieces of a pipe may be small. */
async function fillStart(first: Buffer, chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  let start = first;
  while (start.length < START_BYTES) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    start = Buffer.concat([start, value]);
  }
  return start;
}

async function* prepend(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  yield* rest;
}

/** Whether the first line is JSON, or longer than the start: a machine file as it is written has many lines. */
function startsWithJsonLine(start: Buffer): boolean {
  const end = start.indexOf('\n');
  if (end < 0) return true;
  try {
    JSON.parse(start.toString('utf8', 0, end));
    return true;
  } catch {
    return false;
  }
}

async function* readTarItems(
  path: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<readonly FleetItem[]> {
  for await (const { name, bytes } of readMachineTar(nameInput(path), chunks)) {
    const file = `${path}/${name}`;
    const machine = await attemptAsync(async () =>
      name.endsWith('.json') ? parseMachineFile(bytes) : recordTar(file, bytes, nodeGunzip),
    );
    yield [{ file, machine }];
  }
}

/** Reads a stream that is one machine. */
async function readWhole(
  path: string,
  chunks: AsyncIterable<Buffer>,
  parse: (bytes: Buffer) => Promise<Machine>,
): Promise<FleetItem> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > MAX_FILE_BYTES) refuseLargerFile(nameInput(path), MAX_FILE_BYTES);
    parts.push(chunk);
  }
  return { file: path, machine: await attemptAsync(() => parse(Buffer.concat(parts))) };
}
