import { type Stats, statSync } from 'node:fs';

/** Reads the status of what a path leads to. Undefined on every error: reading or writing the file reports it. */
export function readStatus(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
