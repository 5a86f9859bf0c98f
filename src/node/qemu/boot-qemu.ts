import { join } from 'node:path';
import type { Kimage } from '../../kexec/kimage.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import { withTemporaryFolder } from '../files/temporary-folder.js';
import { writeElfFile } from '../files/write-elf-file.js';
import { escapeQemuValue } from './qemu-arguments.js';
import { type BootEnd, type GuestOptions, startGuest } from './qemu-process.js';

/** The time limit, and the console. */
export type BootOptions = Pick<GuestOptions, 'timeout' | 'onConsole'>;

/**
 * Boots a kimage in QEMU: QEMU's loader places the segments of the kimage, the first CPU starts at its entry, and the
 * serial console is on the terminal. When this returns or throws, QEMU has ended and its files are deleted.
 *
 * @throws KexecError check `qemu-run`: `ETIMEDOUT` at the time limit, `ENOENT` if QEMU is not installed, `EINVAL` if it
 *   refuses its options.
 */
export async function bootInQemu(
  kimage: Kimage,
  qemu: QemuOptions,
  options: BootOptions = {},
): Promise<BootEnd> {
  return withTemporaryFolder(async (folder) => {
    const image = join(folder, 'kimage.elf');
    await writeElfFile(kimage, image);
    const loader = ['-device', `loader,file=${escapeQemuValue(image)},cpu-num=0`];
    const guest = await startGuest(qemu, { ...options, arguments: loader, folder });
    return guest.end;
  });
}
