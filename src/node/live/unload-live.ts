import { attemptAsync, KexecError } from '../../base/error.js';
import type { KimageType } from '../../kexec/kimage.js';
import { forgetCrashRecord } from './forget-crash-record.js';
import { removeMark } from './loaded-mark.js';
import { requirePermission } from './require-permission.js';
import { callKexecFileUnload } from './system-calls/kexec-file-load.js';
import { callKexecLoad } from './system-calls/kexec-load.js';

/**
 * Unloads the kernel of a type; it is no error if none is loaded. Either system call unloads what the other loaded.
 * Under lockdown only kexec_file_load does, so `auto` tries it first.
 *
 * @throws KexecError with the kernel's errno; `live-permission`; `live-platform`.
 */
export async function unloadLive(type: KimageType, syscall: 'auto' | 'file' | 'segments'): Promise<void> {
  requirePermission(type);
  await unload(type, syscall);
  if (type === 'crash') forgetCrashRecord();
  else removeMark();
}

async function unload(type: KimageType, syscall: 'auto' | 'file' | 'segments'): Promise<void> {
  if (syscall !== 'segments') {
    const refusal = await attemptAsync(() => callKexecFileUnload(type));
    if (!(refusal instanceof KexecError)) return;
    const isMissing = refusal.check !== 'live-platform' && refusal.errno === 'ENOSYS';
    if (syscall === 'file' || !isMissing) throw refusal;
  }
  await callKexecLoad(0n, [], type);
}
