import { systemRandom } from '../base/random.js';
import { type Decompress, portableDecompress } from '../formats/compression/decompress.js';
import type { Machine } from '../machine/machine-value.js';
import { portableHashes } from '../trust/portable-hashes.js';
import type { LoadResult } from './file-load.js';
import { loadKernelFile } from './load-kernel-file.js';
import type { LoadOptions } from './load-options.js';
import type { LoadRequest } from './request.js';

/** What {@link plan} plans for, and how. */
export interface PlanOptions extends LoadOptions, Omit<LoadRequest, 'kernel' | 'options' | 'envelopes'> {
  /** The machine that loads the kernel: a recorded one, or one of `PRESETS`. */
  readonly machine: Machine;
  /** Where decompressors come from; `portableDecompress` if left out. */
  readonly decompress?: Decompress | undefined;
}

/**
 * Plans a load as `kexec-file plan` does: takes the Image out of the kernel file, verifies it if `trust` is given, and
 * decides as kexec_file_load(2) decides. Digests, decompressors and random bytes are portable ones unless given.
 *
 * @param kernel - an Image (arm64) or a bzImage (x86_64), or a file that contains one: compressed, zboot, UKI, vmlinux, uImage, FIT, Android
 *   boot image
 * @returns the kimage, or the refusal; the trail lists every check. Does not throw for bad input.
 */
export function plan(
  kernel: Uint8Array,
  { machine, decompress = portableDecompress, ...request }: PlanOptions,
): Promise<LoadResult> {
  const {
    member,
    initrd,
    elfcorehdr,
    trust,
    random = systemRandom,
    hashes = portableHashes,
    unpacksInitrd,
    ...options
  } = request;
  return loadKernelFile(
    { kernel, member, initrd, options, unpacksInitrd, elfcorehdr, trust, hashes, random },
    machine,
    { decompress, hashes },
  );
}
