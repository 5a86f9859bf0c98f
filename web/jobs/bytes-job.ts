import { type ChosenFile, openChosenFile } from './chosen-file.js';

/** Reads bytes of a file, up to its end. @param start - in bytes @param length - in bytes */
export async function readChosenBytes(file: ChosenFile, start: number, length: number): Promise<Uint8Array> {
  const end = Math.min(file.size, start + length);
  if (start >= end) return new Uint8Array(0);
  return openChosenFile(file)
    .read(BigInt(start), end - start)
    .slice();
}
