import type { ErrnoMeanings } from '../../../kexec/call-errnos.js';
import { buildCallError } from './call-error.js';
import { openLibc } from './libc.js';

/** `LINUX_REBOOT_MAGIC1`, `LINUX_REBOOT_MAGIC2`, `LINUX_REBOOT_CMD_KEXEC` (`include/uapi/linux/reboot.h`). */
const MAGIC = [0xfee1dead, 672274793] as const;
const CMD_KEXEC = 0x45584543;

/** The last steps before the loaded kernel starts. */
export interface Reboot {
  /** Writes file systems to their disks: sync(2). */
  sync(): void;
  /** Starts the loaded kernel: reboot(2). It returns only if it fails. @throws KexecError with the kernel's errno. */
  kexec(): never;
}

/** Prepares the last steps; whatever can fail before them fails here. @throws KexecError `live-platform`. */
export async function openReboot(): Promise<Reboot> {
  const { call } = await openLibc();
  return {
    sync() {
      call('sync', [], []);
    },
    kexec() {
      const result = call('reboot', ['int', 'int', 'unsigned int', 'void *'], [...MAGIC, CMD_KEXEC, null]);
      const text = 'reboot(magic1=0xfee1dead, magic2=672274793, cmd=0x45584543 (KEXEC), arg=NULL)';
      throw buildCallError({ check: 'reboot', text, meanings: MEANINGS }, -result);
    },
  };
}

const MEANINGS: ErrnoMeanings = {
  EPERM: 'the caller lacks CAP_SYS_BOOT',
  EINVAL: 'no kernel is loaded, or the kernel has no kexec, or this is not the initial PID namespace',
  EBUSY: 'another kexec call is under way',
  ENOSYS: 'a seccomp filter hides the call',
};
