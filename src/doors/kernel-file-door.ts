/**
 * Kernel files: takes the Image out of a compressed file, a zboot image, a UKI, a vmlinux, a uImage or a FIT.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { portableDecompress, portableHashes, Trail } from 'kexec-file';
 * import { unwrapKernel } from 'kexec-file/kernel-file';
 *
 * const options = { decompress: portableDecompress, hashes: portableHashes };
 * const { image, layers } = await unwrapKernel(await readFile('vmlinuz.gz'), options, new Trail());
 * console.log(`${layers.map(({ name }) => name).join(' in ')}: an Image of ${image.length} bytes`);
 * // → gzip file: an Image of 4096 bytes
 * ```
 *
 * @packageDocumentation
 */

export type { MemberChoice } from '../formats/members.js';
export { extractVmlinux } from '../kernel-file/extract-vmlinux.js';
export { detectKernelFileKind, type KernelFileKind } from '../kernel-file/kernel-file-kinds.js';
export type { Opening } from '../kernel-file/open-wrapping.js';
export { KERNEL_TYPES, type KernelType } from '../kernel-file/types.js';
export { type Layer, type UnwrapOptions, type UnwrappedKernel, unwrapKernel } from '../kernel-file/unwrap.js';
