import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { KexecError, refuse } from '../../base/error.js';
import { hasMagic } from '../../formats/magics.js';
import { decompressFrames } from '../../machine/fleet/zstd-frames.js';
import { loadZstdDecompressor } from '../codecs/node-zstd.js';
import { toAccessError } from '../files/access-error.js';
import { isDash, nameInput } from '../files/standard-input.js';

/** How much of a file is read at once, in bytes. */
const CHUNK_BYTES = 1 << 20;

/** The longest magic that tells how a file is compressed. */
const MAGIC_BYTES = 4;

/**
 * Reads a file or a pipe piece by piece, decompressed if it is gzip or zstd.
 *
 * @param path - `-` is standard input
 * @throws KexecError `file-access`, with the system's errno; `EBADMSG`, check `fleet-file`, if the compressed data is
 *   damaged or cut short.
 */
export async function* readFleetChunks(path: string): AsyncGenerator<Buffer> {
  const chunks = readChunks(path);
  let start: Buffer = Buffer.alloc(0);
  for (;;) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    start = Buffer.concat([start, value]);
    if (start.length >= MAGIC_BYTES) break;
  }
  const all = prepend(start, chunks);
  if (hasMagic(start, 'gzip')) yield* gunzip(path, all);
  // A skippable frame may come first; it begins with 0x50 to 0x5f, 0x2a, 0x4d, 0x18.
  else if (hasMagic(start, 'zstd') || start.subarray(1, 4).toString('hex') === '2a4d18')
    yield* unpackFrames(path, all);
  else yield* all;
}

async function* readChunks(path: string): AsyncGenerator<Buffer> {
  const stream = isDash(path) ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    throw toAccessError(`cannot read ${nameInput(path)}`, cause);
  }
}

async function* prepend(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start;
  yield* rest;
}

async function* unpackFrames(path: string, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const decompress = await loadZstdDecompressor();
  for await (const { buffer, byteOffset, length } of decompressFrames(nameInput(path), chunks, decompress))
    yield Buffer.from(buffer, byteOffset, length);
}

async function* gunzip(path: string, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const { Readable } = await import('node:stream');
  const source = Readable.from(chunks);
  const stream = createGunzip({ chunkSize: CHUNK_BYTES });
  source.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of source.pipe(stream) as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    if (cause instanceof KexecError) throw cause;
    const seen = `${nameInput(path)}: its gzip data is damaged or cut short: ${(cause as Error).message}`;
    refuse('fleet-file', 'EBADMSG', seen, { cause });
  }
}
