import { latin1 } from '../base/bytes.js';
import { type Compression, detectCompression } from '../formats/compression/compression-names.js';
import { isExecutable } from '../formats/elf/vmlinux.js';
import { FDT_MAGIC } from '../formats/fdt/header.js';
import { isUimage } from '../formats/uimage.js';
import { isZboot } from '../formats/zboot.js';

/**
 * What a kernel file can be: an Image, or what an Image comes in. `pe`: a PE file that is neither Image nor zboot, so a
 * UKI if it has a kernel in it. `fdt`: a device tree, so a FIT if it has images in it.
 */
export type KernelFileKind = 'image' | 'zboot' | 'pe' | 'vmlinux' | 'uimage' | 'fdt' | Compression;

/**
 * What a file claims to be, by its magic; undefined if it is nothing that a kernel comes in.
 *
 * @param bytes - the file, or its first bytes
 */
export function kernelFileKind(bytes: Uint8Array): KernelFileKind | undefined {
  if (latin1(bytes.subarray(56, 60)) === 'ARM\x64') return 'image';
  if (isZboot(bytes)) return 'zboot';
  if (latin1(bytes.subarray(0, 2)) === 'MZ') return 'pe';
  if (isExecutable(bytes)) return 'vmlinux';
  if (isUimage(bytes)) return 'uimage';
  if (isFdt(bytes)) return 'fdt';
  return detectCompression(bytes);
}

function isFdt(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) === FDT_MAGIC;
}
