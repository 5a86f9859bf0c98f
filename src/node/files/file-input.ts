import { type Allocate, readFile } from './read-file.js';

/** A file: its path, or its bytes. */
export type FileInput = string | Uint8Array;

/** The bytes of a file. @throws KexecError as {@link readFile}. */
export function readInput(input: FileInput, allocate?: Allocate): Uint8Array {
  return typeof input === 'string' ? readFile(input, allocate) : input;
}

/** What errors and reports call a file: its path, or `(bytes)`. */
export function inputName(input: FileInput): string {
  return typeof input === 'string' ? input : '(bytes)';
}
