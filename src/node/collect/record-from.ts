import type { Machine } from '../../machine/machine-value.js';
import { readStatus } from '../files/read-status.js';
import { recordFromFolder } from './record-folder.js';

/**
 * Records a machine from a folder or a tar of collected files.
 *
 * @throws KexecError as {@link recordFromFolder} and recordFromTar()
 */
export async function recordFrom(path: string): Promise<Machine> {
  if (readStatus(path)?.isDirectory()) return recordFromFolder(path);
  const { recordFromTar } = await import('./record-tar.js');
  return recordFromTar(path);
}
