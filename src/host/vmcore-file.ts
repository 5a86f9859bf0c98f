import { openVmcore, type Vmcore } from '../crash/vmcore/vmcore.js';
import { nodeCodecs } from './codecs.js';
import { openFileSource } from './file-source.js';

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
