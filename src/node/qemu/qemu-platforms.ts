import { refuse } from '../../base/error.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import { findBoard } from '../../machine/qemu-boards.js';
import { ARM64_PLATFORM } from './arm64-platform.js';
import type { QemuPlatform } from './qemu-platform.js';
import { X86_PLATFORM } from './x86-platform.js';

const PLATFORMS: readonly QemuPlatform[] = [ARM64_PLATFORM, X86_PLATFORM];

/**
 * Finds what runs a machine of QEMU, by its board.
 *
 * @throws KexecError `EINVAL`, check `qemu-options`, if there is no such board.
 */
export function findQemuPlatform({ machine }: Pick<QemuOptions, 'machine'>): QemuPlatform {
  const board = findBoard(machine);
  const found = PLATFORMS.find(({ architecture }) => architecture === board?.architecture);
  return (
    found ??
    refuse('qemu-options', 'EINVAL', `machine is ${JSON.stringify(machine)}, which is no known board`)
  );
}
