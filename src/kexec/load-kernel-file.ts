import { KexecError } from '../base/error.js';
import { Trail } from '../base/trail.js';
import type { Opening } from '../kernel-file/open-wrapping.js';
import type { Machine } from '../machine/machine-value.js';
import { kexecFileLoad, type LoadResult } from './file-load.js';
import { refuseWarnings, warnOfNextBoot } from './next-boot/warn-of-next-boot.js';
import { openingFor, openKernelFile } from './open-kernel-file.js';
import type { LoadRequest } from './request.js';

/** The result for a kernel file. */
export type KernelFileResult = LoadResult & {
  /** The Image that was in the file; absent if none was found. */
  readonly image?: Uint8Array;
};

/**
 * Loads any kernel file: unwraps the Image, as user space does, decides as {@link kexecFileLoad}, and notes what
 * the next kernel lacks. With the option `strict`, a load that the kernel accepts is refused if the next kernel lacks
 * something.
 *
 * @returns the kimage, or the refusal. Never throws for bad input.
 */
export async function loadKernelFile(
  request: LoadRequest,
  machine: Machine,
  opening: Opening,
): Promise<KernelFileResult> {
  const trail = new Trail();
  try {
    const opened = await openKernelFile(request, openingFor(machine, opening), trail);
    const loaded = kexecFileLoad(opened, machine, trail);
    if ('refusal' in loaded) return { ...loaded, image: opened.kernel };
    const warned = await warnOfNextBoot(loaded, opened, machine, opening);
    const result = request.options?.strict === true ? refuseWarnings(warned) : warned;
    return { ...result, image: opened.kernel };
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    trail.refuse(error);
    return { refusal: error, trail: trail.entries };
  }
}
