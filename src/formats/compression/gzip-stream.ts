import { KexecError } from '../../base/error.js';
import { BoundedOutput, isFull, type OutputBound } from './bounded-output.js';

/** The bytes of each write. At most 1032 times as many are decompressed in vain beyond a bound. */
const CHUNK_BYTES = 1 << 14;

/**
 * Decompresses a gzip file by the DecompressionStream of the platform.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export async function decompressGzip(bytes: Uint8Array, bound: OutputBound): Promise<Uint8Array> {
  const stream = new DecompressionStream('gzip');
  const reader = stream.readable.getReader();
  const feeding = feed(stream.writable.getWriter(), bytes);
  const output = new BoundedOutput(bound);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      output.append(value);
    }
    await feeding;
    return output.bytes.subarray(0, output.length);
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    await feeding.catch(() => undefined);
    if (isFull(error)) return output.bytes.subarray(0, output.length);
    if (error instanceof KexecError) throw error;
    throw wrapGzipError(error);
  }
}

async function feed(writer: WritableStreamDefaultWriter, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    await writer.write(bytes.slice(at, at + CHUNK_BYTES));
  await writer.close();
}

/** Turns an error of the platform's decoder into a refusal. */
export function wrapGzipError(cause: unknown): KexecError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new KexecError('compressed-data', 'EBADMSG', `gzip: ${message}`, { cause });
}
