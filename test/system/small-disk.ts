import { join } from 'node:path';
import { runProgram } from '../support/programs.js';
import type { DebianSystem } from './run-system.js';

/** Where a system mounts the small disk. */
export const SMALL_DISK = '/mnt/small';

/** Smaller than any dump of a system, and large enough for its log. */
const SIZE = '8M';

/**
 * Makes a disk with an ext4 file system that is labelled `small`.
 *
 * @param folder - for the disk; the caller removes it
 * @returns options of QEMU that add it to a machine
 */
export function addSmallDisk(folder: string): readonly string[] {
  const path = join(folder, 'small.ext4');
  runProgram('mke2fs', ['-q', '-t', 'ext4', '-L', 'small', path, SIZE]);
  return [
    ...['-drive', `if=none,id=small,format=raw,cache=unsafe,file=${path}`],
    ...['-device', 'virtio-blk-pci,drive=small'],
  ];
}

/** Mounts the disk, now and at every boot. */
export async function mountSmallDisk(system: DebianSystem): Promise<void> {
  await system.succeed(
    `mkdir -p ${SMALL_DISK} && echo 'LABEL=small ${SMALL_DISK} ext4 defaults 0 0' >> /etc/fstab`,
  );
  await system.succeed(`systemctl daemon-reload && mount ${SMALL_DISK}`);
}
