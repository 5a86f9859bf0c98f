import type { CpioCompression } from '../../formats/cpio.js';
import { isBuiltIn, type KernelOptions } from '../../machine/kernel-config.js';

/** The option with which the kernel unpacks each compression (`lib/decompress.c`, usr/Kconfig). */
export const DECOMPRESSOR_OPTIONS: Readonly<Record<CpioCompression, string>> = {
  gzip: 'RD_GZIP',
  bzip2: 'RD_BZIP2',
  lzma: 'RD_LZMA',
  xz: 'RD_XZ',
  lzo: 'RD_LZO',
  lz4: 'RD_LZ4',
  zstd: 'RD_ZSTD',
};

/** Says how to compress an initrd for a kernel, and which settings of initramfs-tools and dracut do that. */
export function describeRecompression(options: KernelOptions | undefined): string {
  const kinds = Object.entries(DECOMPRESSOR_OPTIONS)
    .filter(([, option]) => isBuiltIn(options, option) === true)
    .map(([kind]) => kind);
  const how = kinds.length === 0 ? 'do not compress it' : `compress it with ${kinds.join(', ')}`;
  return `${how}: COMPRESS= in /etc/initramfs-tools/initramfs.conf, compress= in /etc/dracut.conf`;
}
