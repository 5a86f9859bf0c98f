import { refuse } from '../base/error.js';
import { formatBytes } from '../base/sizes.js';
import type { Trail } from '../base/trail.js';
import { GIB } from '../base/u64.js';
import { KERNEL_CHANGES } from '../machine/kernel-changes.js';

/** `KEXEC_FILE_SIZE_MAX`, in bytes. */
const MAX_BYTES = 4n * GIB;

/** `INT_MAX`: the limit of kernels without the change `large-files`, in bytes. */
const OLDER_MAX_BYTES = 2n * GIB - 1n;

/**
 * Checks the size of a file that kexec_file_load reads: kernel function `kernel_read_file_from_fd()`.
 *
 * @param name - `kernel` or `initrd`
 * @param rules - whether the kernel has the change `large-files`; it has, if left out
 * @throws KexecError `EINVAL` or `EFBIG`, check `file-size`.
 */
export function checkFileSize(
  name: string,
  { length }: Uint8Array,
  trail: Trail,
  { takesLargeFiles }: { readonly takesLargeFiles: boolean } = { takesLargeFiles: true },
): void {
  const seen = `the ${name} has ${formatBytes(length)}`;
  if (length === 0) {
    refuse('file-size', 'EINVAL', `the ${name} is empty`, {
      cure: `fetch or build the ${name} again: a download or a build that failed leaves an empty file`,
    });
  }
  if (BigInt(length) > MAX_BYTES) {
    refuse('file-size', 'EFBIG', seen, {
      cure: `give the ${name} itself: a file of this size is something else, such as a disk image`,
    });
  }
  if (!takesLargeFiles && BigInt(length) > OLDER_MAX_BYTES) {
    const { since } = KERNEL_CHANGES['large-files'];
    refuse('file-size', 'EFBIG', `${seen}; Linux before ${since} reads less than 2 GiB`, {
      cure: `make the ${name} smaller, load by kexec_load (--syscall segments), or run Linux ${since} or later`,
    });
  }
  trail.ok('file-size', seen);
}
