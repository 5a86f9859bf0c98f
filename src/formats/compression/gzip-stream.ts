import { KexecError } from '../../base/error.js';
import { BoundedOutput, isFull, type OutputBound } from './bounded-output.js';

/** How much is handed over at once: the most that is decompressed in vain beyond a bound is this, times 1032. */
const STEP = 1 << 14;

/**
 * What is in a gzip file, by the platform's DecompressionStream.
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
  for (let at = 0; at < bytes.length; at += STEP) await writer.write(bytes.slice(at, at + STEP));
  await writer.close();
}

/** What a platform's decoder says, in this project's words. */
export function wrapGzipError(cause: unknown): KexecError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new KexecError('compressed-data', 'EBADMSG', `gzip: ${message}`, { cause });
}
