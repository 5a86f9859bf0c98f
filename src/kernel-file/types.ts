import { refuse } from '../base/error.js';
import { COMPRESSIONS } from '../formats/compression/compression-names.js';
import type { KernelFileKind } from './kernel-file-kinds.js';
import { withArticle } from './open-wrapping.js';
import type { Layer } from './unwrap.js';

/** kexec-tools' names of kernels for arm64, for `--type`; vmlinuz was zImage until 2.0.26. */
export const KERNEL_TYPES = {
  vmlinux: 'vmlinux',
  Image: 'image',
  uImage: 'uimage',
  vmlinuz: 'zboot',
  zImage: 'zboot',
  uki: 'pe',
} as const satisfies Record<string, KernelFileKind>;

export type KernelType = keyof typeof KERNEL_TYPES;

export function isKernelType(name: string): name is KernelType {
  return Object.hasOwn(KERNEL_TYPES, name);
}

/**
 * Refuses a kernel file of another kind than the given type. As with kexec-tools, the file may be compressed, and only
 * the outermost kind counts.
 *
 * @param layers - the layers around the Image
 * @throws KexecError `ENOEXEC`, check `kernel-file`.
 */
export function requireType(type: KernelType, layers: readonly Layer[]): void {
  const outermost = layers.find(({ kind }) => !COMPRESSIONS.some((compression) => compression === kind));
  if ((outermost?.kind ?? 'image') === KERNEL_TYPES[type]) return;
  refuse(
    'kernel-file',
    'ENOEXEC',
    `--type says ${type}, and the file is ${outermost === undefined ? 'an Image' : withArticle(outermost.name)}`,
  );
}
