import { readState } from '../backends/linux/state.js';

/** What is loaded on this machine. */
export interface LiveStatus {
  /** A kernel that replaces this one: by reboot(2), `kexec-file exec`, `systemctl kexec`. */
  readonly loaded: boolean;
  /** A crash kernel. */
  readonly crashLoaded: boolean;
  /** Size of the crash region, in bytes; 0 if there is none. */
  readonly crashSize: bigint;
}

/** Reads what is loaded. @throws KexecError `ENOSYS`, check `live-platform`, if the running kernel has no kexec. */
export function readStatus(): LiveStatus {
  return readState();
}
