import { refuse } from '../../base/error.js';
import { executable } from '../program/single-executable.js';
import { loadAddon } from './load-addon.js';

/** The module koffi, for functions of C: imported only if one is called, so that nothing else needs its binary. */
export type Koffi = typeof import('koffi');

const NO_FOLDER_CURE =
  'remount one of these folders so that files in it can be written and run, or set TMPDIR to such a folder';

/** Imports koffi. @param check - of the caller, for the refusal @throws KexecError `ENOSYS`, if it cannot be loaded. */
export async function importKoffi(check: 'live-platform' | 'sign-token'): Promise<Koffi> {
  try {
    // The executable contains the binary alone. The rest of the package finds and loads it.
    return executable === undefined
      ? await import('koffi')
      : (loadAddon(executable.readBytes('koffi.node')) as Koffi);
  } catch (cause) {
    const cure = executable === undefined ? undefined : NO_FOLDER_CURE;
    refuse(check, 'ENOSYS', `koffi cannot be loaded: ${(cause as Error).message}`, { cause, cure });
  }
}
