import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kimage } from '../../kexec/kimage.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import { writeElfFile } from '../files/write-elf-file.js';
import { type BootEnd, type GuestOptions, startGuest } from './qemu-process.js';

/** Patience, and where the console goes. */
export type BootOptions = Pick<GuestOptions, 'timeout' | 'onConsole'>;

/**
 * Boots a kimage in QEMU: the very segments, placed by QEMU's loader, the first CPU started at the entry, the serial
 * console on the terminal. When it returns or throws, QEMU has ended and its files are gone.
 *
 * @throws KexecError check `qemu-run`: `ETIMEDOUT` when patience ends, `ENOENT` if QEMU is not installed, `EINVAL` if it
 * refuses its options.
 */
export async function bootInQemu(
  kimage: Kimage,
  qemu: QemuOptions,
  options: BootOptions = {},
): Promise<BootEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'kexec-file-'));
  try {
    const image = join(folder, 'kimage.elf');
    await writeElfFile(kimage, image, []);
    const loader = ['-device', `loader,file=${image.replaceAll(',', ',,')},cpu-num=0`];
    const guest = await startGuest(qemu, { ...options, arguments: loader, folder });
    return await guest.end;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
