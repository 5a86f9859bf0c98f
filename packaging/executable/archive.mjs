import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../../scripts/setup/files.mjs';
import { packFolder } from '../pack-folder.mjs';

/**
 * Packs an executable with its licence as `.tar.xz`. The bytes depend on the contents alone: with two threads or more xz
 * makes the same blocks.
 *
 * @returns the path of the archive
 */
export function archive(executable) {
  const name = basename(executable);
  const folder = `${executable}.folder`;
  const target = `${executable}.tar.xz`;
  try {
    mkdirSync(join(folder, name), { recursive: true });
    copyFileSync(executable, join(folder, name, 'kexec-file'));
    copyFileSync(join(ROOT, 'LICENSE'), join(folder, name, 'LICENSE'));
    packFolder(target, folder, [name], ['--mode=u=rwX,go=rX', '--use-compress-program=xz -6 -T2']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return target;
}
