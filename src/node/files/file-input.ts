import { type Allocate, readFile } from './read-file.js';

/** A file: its path, or its bytes. */
export type FileInput = string | Uint8Array;

/** Returns the bytes of a file. @throws KexecError, as {@link readFile}. */
export function readInput(input: FileInput, allocate?: Allocate): Uint8Array {
  return typeof input === 'string' ? readFile(input, allocate) : input;
}

/** Returns the name of a file for errors and reports: its path, or `(bytes)`. */
export function describeInput(input: FileInput): string {
  return typeof input === 'string' ? input : '(bytes)';
}
