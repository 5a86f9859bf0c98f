import { openVmcore, type Vmcore } from '../../vmcore/open/open-vmcore.js';
import { nodeCodecs } from '../codecs/node-codecs.js';
import { openFileSource } from '../files/file-source.js';

/**
 * Opens a vmcore for as long as something reads it.
 *
 * @throws KexecError as {@link openFileSource} and {@link openVmcore}, and as `read` does.
 */
export function withVmcore<Result>(path: string, read: (vmcore: Vmcore) => Result): Result {
  const source = openFileSource(path);
  try {
    return read(openVmcore(source, nodeCodecs));
  } finally {
    source.close();
  }
}
