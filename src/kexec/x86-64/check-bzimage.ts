import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { measureSetup, parseBzimageHeader } from '../../formats/bzimage/header.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';
import type { LoadInProgress } from '../load-in-progress.js';
import { ELFCOREHDR_ROOM } from './boot-params-layout.js';
import { encodeCommandLine } from './encode-command-line.js';

/**
 * Checks setup code and command line: kernel function `bzImage64_load()`, before any placement.
 *
 * @throws KexecError `ENOEXEC`, check `bzimage-setup`; `EINVAL`, check `bzimage-command-line`.
 */
export function checkBzimage({ request, trail }: LoadInProgress<X86Machine>): void {
  const { kernel, options } = request;
  const header = parseBzimageHeader(kernel);
  const setup = measureSetup(header);
  if (kernel.length < setup) {
    refuse(
      'bzimage-setup',
      'ENOEXEC',
      `bzImage: the setup code has ${formatBytes(setup)}, the file ${formatBytes(kernel.length)}`,
      { offset: 0x1f1 },
    );
  }
  trail.ok(
    'bzimage-setup',
    `the setup code has ${formatBytes(setup)}, the kernel ${formatBytes(kernel.length - setup)}`,
  );
  const length = encodeCommandLine(options.commandLine)?.length ?? 0;
  const { cmdlineSize = 0 } = header;
  if (length + ELFCOREHDR_ROOM > cmdlineSize) {
    const longest = cmdlineSize - ELFCOREHDR_ROOM - 1;
    refuse(
      'bzimage-command-line',
      'EINVAL',
      `the command line has ${length} bytes with its NUL; the kernel takes ${cmdlineSize}, of which ${ELFCOREHDR_ROOM} are kept free`,
      longest > 0 && length > 0 ? { cure: `shorten it to at most ${longest} bytes` } : {},
    );
  }
  trail.ok(
    'bzimage-command-line',
    `the command line has ${length} bytes of at most ${cmdlineSize - ELFCOREHDR_ROOM}`,
  );
}
