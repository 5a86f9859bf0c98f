import type { SaveProgress } from '../../vmcore/save/dump-target.js';
import { openFileSource } from '../files/file-source.js';
import { IncompleteFile } from '../files/incomplete-file.js';
import { yieldToEventLoop } from '../threads/yield-to-event-loop.js';

/** How much is copied at once, in bytes. */
const CHUNK_BYTES = 1 << 22;

/**
 * Copies a dump as it is, without a look at what is in it. It has its name only when it is complete.
 *
 * @param onProgress - called from time to time
 * @returns the size in bytes
 * @throws KexecError `file-access`, with the system's errno.
 */
export async function copyVmcoreFile(
  input: string,
  output: string,
  onProgress: (progress: SaveProgress) => void,
): Promise<bigint> {
  const source = openFileSource(input);
  try {
    const file = await IncompleteFile.open(output, { inputs: [input] });
    try {
      const total = Number(source.size);
      for (let at = 0; at < total; at += CHUNK_BYTES) {
        const length = Math.min(CHUNK_BYTES, total - at);
        file.write(BigInt(at), source.read(BigInt(at), length));
        onProgress({ phase: 'save', done: at + length, total });
        await yieldToEventLoop();
      }
      await file.finish();
      return source.size;
    } finally {
      file.close();
    }
  } finally {
    source.close();
  }
}
