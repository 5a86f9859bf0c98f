import { refuse } from '../../base/error.js';
import { parseBzimageHeader } from '../../formats/bzimage/header.js';
import type { LoadInProgress } from '../load-in-progress.js';
import { encodeCommandLine } from './encode-command-line.js';

/**
 * Checks that a command line leaves room for parameters that the running kernel puts in front of it.
 *
 * @param room - for these parameters, in bytes
 * @throws KexecError `EINVAL`, check `bzimage-command-line`.
 */
export function checkCommandLineRoom({ request, trail }: LoadInProgress, room: number): void {
  const length = encodeCommandLine(request.options.commandLine)?.length ?? 0;
  const { cmdlineSize = 0 } = parseBzimageHeader(request.kernel);
  if (length + room > cmdlineSize) {
    const longest = cmdlineSize - room - 1;
    refuse(
      'bzimage-command-line',
      'EINVAL',
      `the command line has ${length} bytes with its NUL; the kernel takes ${cmdlineSize}, of which ${room} are kept free`,
      longest > 0 && length > 0 ? { cure: `shorten it to at most ${longest} bytes` } : {},
    );
  }
  trail.ok('bzimage-command-line', `the command line has ${length} bytes of at most ${cmdlineSize - room}`);
}
