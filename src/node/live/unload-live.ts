import { KexecError } from '../../base/error.js';
import type { KimageType } from '../../kexec/kimage.js';
import { requirePermission } from './require-permission.js';
import { kexecFileUnload } from './system-calls/kexec-file-load.js';
import { kexecLoad } from './system-calls/kexec-load.js';

/**
 * Drops the loaded kernel of a type; that none is loaded is no error. Either system call drops what the other loaded;
 * under lockdown only kexec_file_load does, which `auto` asks first.
 *
 * @throws KexecError with the kernel's errno; `live-permission`; `live-platform`.
 */
export async function unloadLive(type: KimageType, syscall: 'auto' | 'file' | 'segments'): Promise<void> {
  requirePermission(type);
  if (syscall === 'segments') return kexecLoad(0n, [], type);
  try {
    await kexecFileUnload(type);
  } catch (error) {
    if (syscall === 'file' || !(error instanceof KexecError) || error.check === 'live-platform') throw error;
    if (error.errno !== 'ENOSYS') throw error;
    await kexecLoad(0n, [], type);
  }
}
