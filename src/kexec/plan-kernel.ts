import { systemRandom } from '../base/random.js';
import { type Decompress, portableDecompress } from '../formats/compression/decompress.js';
import type { Machine } from '../machine/machine-value.js';
import { portableHashes } from '../trust/portable-hashes.js';
import type { LoadResult } from './file-load.js';
import { type KernelFileRequest, loadKernelFile } from './load-kernel-file.js';

/** What {@link plan} plans for, and how. */
export interface PlanOptions extends Omit<KernelFileRequest, 'kernel'> {
  /** The machine that loads the kernel: a recorded one, or one of `PRESETS`. */
  readonly machine: Machine;
  /** Where decompressors come from; `portableDecompress` if left out. */
  readonly decompress?: Decompress | undefined;
}

/**
 * Plans a load as `kexec-file plan` does: takes the Image out of the kernel file, verifies it if `trust` is given, and
 * decides as kexec_file_load(2) decides. Digests, decompressors and random bytes are portable ones unless given.
 *
 * @param kernel - an arm64 Image, or a file that contains one: compressed, zboot, UKI, vmlinux, uImage, FIT
 * @returns the kimage, or the refusal; the trail lists every check. Does not throw for bad input.
 */
export function plan(
  kernel: Uint8Array,
  { machine, decompress = portableDecompress, ...options }: PlanOptions,
): Promise<LoadResult> {
  const hashes = options.hashes ?? portableHashes;
  const request = { random: systemRandom, ...options, hashes, kernel };
  return loadKernelFile(request, machine, { decompress, hashes });
}
