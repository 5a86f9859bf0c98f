import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../../scripts/setup/files.mjs';
import { run } from './run.mjs';

/**
 * Packs an executable with its licence as `.tar.xz`. The bytes depend on the contents alone: no owner, no time, and
 * with two threads or more xz makes the same blocks.
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
    const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'];
    const options = [
      '--sort=name',
      '--mtime=@0',
      '--format=ustar',
      ...owner,
      '--use-compress-program=xz -6 -T2',
    ];
    run('tar', [...options, '-cf', target, '-C', folder, name]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return target;
}
