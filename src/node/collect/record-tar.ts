import { recordTar } from '../../machine/collect/collected-tar.js';
import type { Machine } from '../../machine/machine-value.js';
import { nameInput } from '../files/standard-input.js';
import { nodeGunzip } from './node-gunzip.js';
import { readBounded } from './read-bounded.js';

/** Records a machine from a tar of the collector script. @throws KexecError as {@link recordTar}; `file-access` */
export async function recordFromTar(path: string): Promise<Machine> {
  return recordTar(nameInput(path), readBounded(path), nodeGunzip);
}
