import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { tryAccess } from '../files/access-error.js';
import { readState } from './system-calls/state.js';

/** Exists while the loaded kernel is one that `load --unless-loaded` loaded. A boot empties /run. */
const MARK = '/run/kexec-file/loaded';

/** Where the mark and the kernel's report are. */
interface Places {
  readonly mark?: string;
  /** `/sys/kernel` */
  readonly state?: string;
}

/**
 * Whether a kernel is loaded that a service must leave: an administrator loaded it. The kernel itself does not know who
 * loaded it, so other programs than this one look like an administrator only if they load first.
 *
 * @throws KexecError as readState()
 */
export function isLoadedByOthers({ mark = MARK, state }: Places = {}): boolean {
  return readState(state).loaded && !existsSync(mark);
}

/** Notes that the loaded kernel may be replaced. @throws KexecError check `file-access` */
export function markLoaded(mark: string = MARK): void {
  tryAccess(`cannot write ${mark}`, () => {
    mkdirSync(dirname(mark), { recursive: true });
    writeFileSync(mark, '');
  });
}

/** Notes that the loaded kernel, if any, is somebody's own. */
export function removeMark(mark: string = MARK): void {
  tryAccess(`cannot write ${mark}`, () => rmSync(mark, { force: true }));
}
