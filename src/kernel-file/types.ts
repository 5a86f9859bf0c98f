import { refuse } from '../base/error.js';
import { isBzimage } from '../formats/bzimage/header.js';
import { COMPRESSIONS } from '../formats/compression/compression-names.js';
import type { KernelFileKind } from './kernel-file-kinds.js';
import { withArticle } from './open-wrapping.js';
import type { Layer } from './unwrap.js';

/** kexec-tools' names of kernels for arm64 and x86_64, for `--type`; vmlinuz was zImage until 2.0.26. */
export const KERNEL_TYPES = {
  vmlinux: 'vmlinux',
  Image: 'image',
  uImage: 'uimage',
  vmlinuz: 'zboot',
  zImage: 'zboot',
  uki: 'pe',
  bzImage: 'bzimage',
  bzImage64: 'bzimage',
} as const satisfies Record<string, KernelFileKind>;

export type KernelType = keyof typeof KERNEL_TYPES;

export function isKernelType(name: string): name is KernelType {
  return Object.hasOwn(KERNEL_TYPES, name);
}

/**
 * Refuses a kernel file of another kind than the given type. As with kexec-tools, the file may be compressed, and only
 * the outermost kind counts.
 *
 * @param kernel - what is in the layers
 * @param layers - the layers around it
 * @throws KexecError `ENOEXEC`, check `kernel-file`.
 */
export function requireType(type: KernelType, kernel: Uint8Array, layers: readonly Layer[]): void {
  const outermost = layers.find(({ kind }) => !COMPRESSIONS.some((compression) => compression === kind));
  const innermost = isBzimage(kernel) ? 'bzimage' : 'image';
  if ((outermost?.kind ?? innermost) === KERNEL_TYPES[type]) return;
  const name = outermost === undefined ? NAMES[innermost] : withArticle(outermost.name);
  refuse('kernel-file', 'ENOEXEC', `--type says ${type}, and the file is ${name}`);
}

const NAMES = { bzimage: 'a bzImage', image: 'an Image' } as const;
