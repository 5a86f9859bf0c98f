import { rmSync } from 'node:fs';
import { tryAccess } from '../files/access-error.js';

/**
 * Where `kexec-file kdump reload` notes what it loaded: the kernel itself reports only that there is a crash kernel. The
 * file is in memory, as the crash kernel is: neither outlives the boot.
 */
export const CRASH_RECORD_PATH = '/run/kexec-file/kdump.json';

/** Forgets what was loaded: there is another crash kernel now, or none. @throws KexecError `file-access` */
export function forgetCrashRecord(path = CRASH_RECORD_PATH): void {
  tryAccess(`cannot remove ${path}`, () => rmSync(path, { force: true }));
}
