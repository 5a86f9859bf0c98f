import { writeFileSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { tryAccess } from '../files/access-error.js';
import { openReboot } from '../live/system-calls/reboot.js';
import { readState } from '../live/system-calls/state.js';

/** `c` crashes the kernel, for root whatever kernel.sysrq allows (Documentation/admin-guide/sysrq.rst). */
const TRIGGER = '/proc/sysrq-trigger';

/** @throws KexecError `ENOENT`, check `kdump-crash`, if no crash kernel is loaded. */
export function requireCrashKernel(): void {
  if (!readState().crashLoaded) refuse('kdump-crash', 'ENOENT', 'no crash kernel is loaded');
}

/**
 * Crashes the running kernel: file systems are synced, then the crash kernel starts. Services are not stopped. It does
 * not return.
 *
 * @throws KexecError, as {@link requireCrashKernel}; `file-access` without permission.
 */
export async function crashMachine(): Promise<never> {
  requireCrashKernel();
  (await openReboot()).sync();
  tryAccess(`cannot write to ${TRIGGER}`, () => writeFileSync(TRIGGER, 'c'));
  refuse('kdump-crash', 'EIO', `the kernel took "c" from ${TRIGGER}, and did not crash`);
}
