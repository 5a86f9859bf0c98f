import { run } from './executable/run.mjs';

/**
 * Packs files of a folder by tar(1). The bytes depend on paths, modes and contents alone: there is no owner and no time,
 * and names are in order.
 *
 * @param target - path of the archive
 * @param folder - where the names are
 * @param names - of files and folders
 * @param options - more options of tar
 */
export function packFolder(target, folder, names, options = []) {
  const fixed = ['--sort=name', '--mtime=@0', '--format=ustar', '--owner=0', '--group=0', '--numeric-owner'];
  run('tar', [...fixed, ...options, '-cf', target, '-C', folder, '--', ...names]);
}
