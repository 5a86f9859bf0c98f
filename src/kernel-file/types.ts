import { refuse } from '../base/error.js';
import { COMPRESSIONS } from '../formats/compression/compression-names.js';
import type { KernelFileKind } from './kernel-file-kinds.js';
import type { Layer } from './unwrap.js';

/** What kexec-tools calls the kinds of kernels that it loads on arm64, for `--type`; vmlinuz was zImage until 2.0.26. */
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
 * Refuses a kernel file that is of another kind than was said. As with kexec-tools, it may be compressed, and what is
 * within it is not asked.
 *
 * @param layers - what was taken off the Image
 * @throws KexecError `ENOEXEC`, check `kernel-file`.
 */
export function requireType(type: KernelType, layers: readonly Layer[]): void {
  const outermost = layers.find(({ kind }) => !COMPRESSIONS.some((one) => one === kind));
  if ((outermost?.kind ?? 'image') === KERNEL_TYPES[type]) return;
  refuse(
    'kernel-file',
    'ENOEXEC',
    `it was said to be of type ${type}, and is ${outermost?.name ?? 'an Image'}`,
  );
}
