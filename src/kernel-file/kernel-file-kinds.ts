import { isAndroidBoot } from '../formats/android-boot.js';
import { isBzimage } from '../formats/bzimage/header.js';
import { type Compression, detectCompression } from '../formats/compression/compression-names.js';
import { isExecutable } from '../formats/elf/vmlinux.js';
import { hasMagic } from '../formats/magics.js';
import { isUimage } from '../formats/uimage.js';
import { isZboot } from '../formats/zboot.js';

/**
 * The kinds of kernel files: an Image, a bzImage, and the files that can contain one. `pe` is a PE file that is none of them
 * and no zboot image: a UKI if it has a kernel in it. `fdt` is a device tree: a FIT if it has images in it.
 */
export type KernelFileKind =
  | 'image'
  | 'bzimage'
  | 'zboot'
  | 'pe'
  | 'vmlinux'
  | 'uimage'
  | 'android'
  | 'fdt'
  | Compression;

/**
 * The kind of a kernel file, by its magic number alone.
 *
 * @param bytes - the file, or its first bytes
 * @returns undefined if it is no kernel file
 */
export function detectKernelFileKind(bytes: Uint8Array): KernelFileKind | undefined {
  if (hasMagic(bytes, 'image')) return 'image';
  if (isBzimage(bytes)) return 'bzimage';
  if (isZboot(bytes)) return 'zboot';
  if (hasMagic(bytes, 'mz')) return 'pe';
  if (isExecutable(bytes)) return 'vmlinux';
  if (isUimage(bytes)) return 'uimage';
  if (isAndroidBoot(bytes)) return 'android';
  if (hasMagic(bytes, 'fdt')) return 'fdt';
  return detectCompression(bytes);
}
