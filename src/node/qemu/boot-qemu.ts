import { join } from 'node:path';
import { refuse } from '../../base/error.js';
import type { Kimage } from '../../kexec/kimage.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import { withTemporaryFolder } from '../files/temporary-folder.js';
import { writeElfFile } from '../files/write-elf-file.js';
import type { QemuPlatform } from './qemu-platform.js';
import { findQemuPlatform } from './qemu-platforms.js';
import { type BootEnd, type GuestOptions, startGuest } from './qemu-process.js';

/** The time limit, and the console. */
export type BootOptions = Pick<GuestOptions, 'timeout' | 'onConsole'>;

/**
 * What makes QEMU start with segments on this board.
 *
 * @throws KexecError `EINVAL`, check `qemu-machine`, if QEMU cannot do that on this board.
 */
export function requireLoader({
  machine,
}: Pick<QemuOptions, 'machine'>): NonNullable<QemuPlatform['buildLoaderArguments']> {
  const { buildLoaderArguments, architecture } = findQemuPlatform({ machine });
  const seen = `QEMU starts no CPU of ${architecture} in the segments of a plan, so the board ${machine} boots none`;
  return (
    buildLoaderArguments ??
    refuse('qemu-machine', 'EINVAL', seen, {
      cure: 'plan for that machine instead: kexec-file plan --machine; or boot a kernel for arm64, without --machine',
    })
  );
}

/**
 * Boots a kimage in QEMU: QEMU's loader places the segments of the kimage, the first CPU starts at its entry, and the
 * serial console is on the terminal. When this returns or throws, QEMU has ended and its files are deleted.
 *
 * @throws KexecError as {@link requireLoader}; check `qemu-run`: `ETIMEDOUT` at the time limit, `ENOENT` if QEMU is not installed, `EINVAL` if it
 *   refuses its options.
 */
export async function bootInQemu(
  kimage: Kimage,
  qemu: QemuOptions,
  options: BootOptions = {},
): Promise<BootEnd> {
  const buildLoaderArguments = requireLoader(qemu);
  return withTemporaryFolder(async (folder) => {
    const image = join(folder, 'kimage.elf');
    await writeElfFile(kimage, image);
    const guest = await startGuest(qemu, { ...options, arguments: buildLoaderArguments(image), folder });
    return guest.end;
  });
}
