/** Inputs that are standard input: `-`, which is standard output where a file is written. */
import { closeSync, openSync } from 'node:fs';
import { requireName } from './access-error.js';

/** Not `process.stdin.fd`: that makes the pipe non-blocking. */
export const STDIN = 0;

const STANDARD_INPUTS: readonly string[] = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];

/** Whether an input is given as `-`. */
export function isDash(path: string): boolean {
  return path === '-';
}

/** Whether the path of an input leads to standard input, which can be read once. */
export function isStandardInput(path: string): boolean {
  return STANDARD_INPUTS.includes(path);
}

/** Names an input in sentences. */
export function nameInput(path: string): string {
  return isDash(path) ? 'standard input' : path;
}

/** A file that is open to be read. */
export interface OpenInput {
  readonly descriptor: number;
  close(): void;
}

/**
 * Opens a file to read it; `-` is standard input, which stays open.
 *
 * @throws what Node throws; KexecError `ENOENT`, check `file-access`, for an empty name.
 */
export function openInput(path: string): OpenInput {
  if (isDash(path)) return { descriptor: STDIN, close: () => {} };
  requireName(path, 'cannot read a file');
  const descriptor = openSync(path, 'r');
  return { descriptor, close: () => closeSync(descriptor) };
}
