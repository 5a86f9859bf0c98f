import { existsSync } from 'node:fs';
import type { FileInput } from './file-input.js';
import { type Allocate, readFile } from './read-file.js';

/** A kernel file, and the member of it that is wanted. */
export interface MemberPath {
  readonly path: string;
  /** The configuration of a FIT or the profile of a UKI; undefined if none is named. */
  readonly member: string | undefined;
}

const STANDARD_INPUT = '-';

/**
 * Splits `FILE#NAME`. A file whose own name has a `#` wins; without any such file, the whole is the path.
 */
export function splitMember(given: string): MemberPath {
  if (!existsSync(given)) {
    for (let at = given.lastIndexOf('#'); at > 0; at = given.lastIndexOf('#', at - 1)) {
      const path = given.slice(0, at);
      if (path === STANDARD_INPUT || existsSync(path)) return { path, member: given.slice(at + 1) };
    }
  }
  return { path: given, member: undefined };
}

/** A kernel file that was read, and the member of it that is wanted. */
export interface KernelInput {
  readonly bytes: Uint8Array;
  readonly member: string | undefined;
}

/** Reads a kernel file, given as `FILE` or `FILE#NAME`, or as bytes. @throws KexecError, as {@link readFile}. */
export function readKernel(input: FileInput, allocate?: Allocate): KernelInput {
  if (typeof input !== 'string') return { bytes: input, member: undefined };
  const { path, member } = splitMember(input);
  return { bytes: readFile(path, allocate), member };
}
