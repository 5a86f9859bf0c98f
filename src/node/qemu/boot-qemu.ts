import { join } from 'node:path';
import type { Kimage } from '../../kexec/kimage.js';
import type { MachineFacts, QemuOptions } from '../../machine/machine-facts.js';
import { withTemporaryFolder } from '../files/temporary-folder.js';
import { writeElfFile } from '../files/write-elf-file.js';
import { findQemuPlatform } from './qemu-platforms.js';
import { type BootEnd, type GuestOptions, startGuest } from './qemu-process.js';

/** The time limit, the console, and the machine that the kimage was planned for. */
export interface BootOptions extends Pick<GuestOptions, 'timeout' | 'onConsole'> {
  /** Default: an arm64 machine. */
  readonly machine?: MachineFacts | undefined;
}

/**
 * Boots a kimage in QEMU: QEMU's loader places the segments of the kimage, the first CPU starts at its entry (on x86_64, by
 * way of firmware and of the entry that `buildKimageElf()` adds), and the serial console is on the terminal. When this
 * returns or throws, QEMU has ended and its files are deleted.
 *
 * @throws KexecError check `qemu-run`: `ETIMEDOUT` at the time limit, `ENOENT` if QEMU is not installed, `EINVAL` if it
 *   refuses its options; as {@link writeElfFile}.
 */
export async function bootInQemu(
  kimage: Kimage,
  qemu: QemuOptions,
  { machine, ...options }: BootOptions = {},
): Promise<BootEnd> {
  const platform = findQemuPlatform(qemu);
  return withTemporaryFolder(async (folder) => {
    const image = join(folder, 'kimage.elf');
    await writeElfFile(kimage, image, { machine });
    const guest = await startGuest(qemu, {
      ...options,
      arguments: platform.buildLoaderArguments(image),
      folder,
    });
    return guest.end;
  });
}
