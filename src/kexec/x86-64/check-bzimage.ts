import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { measureSetup, parseBzimageHeader } from '../../formats/bzimage/header.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';
import type { LoadInProgress } from '../load-in-progress.js';
import { ELFCOREHDR_ROOM } from './boot-params-layout.js';
import { checkCommandLineRoom } from './check-command-line-room.js';

/**
 * Checks setup code and command line: kernel function `bzImage64_load()`, before any placement.
 *
 * @throws KexecError `ENOEXEC`, check `bzimage-setup`; `EINVAL`, check `bzimage-command-line`.
 */
export function checkBzimage(load: LoadInProgress<X86Machine>): void {
  const { kernel } = load.request;
  const { trail } = load;
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
  checkCommandLineRoom(load, ELFCOREHDR_ROOM);
}
