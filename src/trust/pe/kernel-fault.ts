import { attempt, KexecError } from '../../base/error.js';
import { parsePefile } from './pefile.js';

const DIRECTORY_SIZE = 8;

/**
 * Whether the kernel faults when it digests a PE file, which it does not check (`pefile_digest_pe_contents()`): it
 * writes to an array of no sections, digests headers of a negative length, or reads a section beyond the pages that
 * hold the file.
 *
 * @param pageSize - of the running kernel, in bytes
 */
export function isKernelFault(file: Uint8Array, pageSize: number): boolean {
  const pefile = attempt(() => parsePefile(file));
  if (pefile instanceof KexecError) return false;
  const { sections, certificateEntryOffset, headerSize } = pefile;
  if (sections.length === 0 || certificateEntryOffset + DIRECTORY_SIZE > headerSize) return true;
  const mapped = Math.ceil(file.length / pageSize) * pageSize;
  return sections.some(({ rawOffset, rawSize }) => rawSize > 0 && rawOffset + rawSize > mapped);
}
