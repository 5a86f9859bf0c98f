import { statSync } from 'node:fs';
import type { Machine } from '../../machine/machine-value.js';
import { recordFromFolder } from './record-folder.js';

/**
 * The machine that was collected into a folder or a tar.
 *
 * @throws KexecError as {@link recordFromFolder} and recordFromTar().
 */
export async function recordFrom(path: string): Promise<Machine> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return recordFromFolder(path);
  const { recordFromTar } = await import('./record-tar.js');
  return recordFromTar(path);
}
