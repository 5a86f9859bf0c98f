import { refuse } from '../../base/error.js';
import { detectKernelFileKind } from '../../kernel-file/kernel-file-kinds.js';
import type { QemuPlatform } from './qemu-platform.js';

/**
 * Refuses a kernel that QEMU does not boot on the boards of a platform.
 *
 * @throws KexecError `ENOEXEC`, check `kernel-file`.
 */
export function requireKernelKind(
  { kernel: { kind, name }, architecture }: QemuPlatform,
  kernel: Uint8Array,
): void {
  if (detectKernelFileKind(kernel) === kind) return;
  refuse('kernel-file', 'ENOEXEC', `the kernel is not ${name}, which QEMU boots on this board`, {
    cure: `give a kernel for ${architecture}, or a machine of the kernel's architecture: of QEMU's boards, virt is arm64's, q35 and pc are x86_64's`,
  });
}
