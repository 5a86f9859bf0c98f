import { refuse } from '../../../base/error.js';
import { findHostArchitecture, type Host, isArm64Linux } from '../../collect/host-architecture.js';
import { importKoffi, type Koffi } from '../../native/import-koffi.js';

/** System calls by their numbers on arm64 Linux (`include/uapi/asm-generic/unistd.h`). */
const SYSTEM_CALLS = {
  sync: 81,
  kexec_load: 104,
  reboot: 142,
  memfd_create: 279,
  kexec_file_load: 294,
} as const;

export type SystemCall = keyof typeof SYSTEM_CALLS;

/** The type of a parameter: its name in C, or a type that koffi built. */
type Parameter = Parameters<Koffi['sizeof']>[0];

/** libc's `syscall(2)`. */
export interface Libc {
  readonly koffi: Koffi;
  /**
   * Makes a system call.
   *
   * @param parameters - the C types of the arguments
   * @returns the result, or the negated errno.
   */
  call(name: SystemCall, parameters: readonly Parameter[], args: readonly unknown[]): number;
}

/**
 * Opens the libc that Node runs with.
 *
 * @throws KexecError `ENOSYS`, check `live-platform`: another system or architecture, or no koffi.
 */
export async function openLibc(): Promise<Libc> {
  requireArm64Linux();
  const koffi = await importKoffi('live-platform');
  const library = koffi.load(null);
  return {
    koffi,
    call(name, parameters, args) {
      const syscall = library.func('syscall', 'long', ['long', ...parameters]);
      const result = Number(syscall(SYSTEM_CALLS[name], ...args));
      return result === -1 ? -koffi.errno() : result;
    },
  };
}

/**
 * Refuses a platform without the system calls of this project.
 *
 * @throws KexecError `ENOSYS`, check `live-platform`.
 */
export function requireArm64Linux(host: Host = process): void {
  if (isArm64Linux(host)) return;
  const seen = `this is Node for ${host.platform} on ${host.arch}`;
  // Such machines are recorded, and loads on them decided.
  if (findHostArchitecture(host) !== undefined) {
    const name = `${seen}; kexec-file does not load kernels on ${findHostArchitecture(host)} yet`;
    refuse('live-platform', 'ENOSYS', name, {
      cure: "kexec-file plan and explain, with --machine, show what this machine's kernel would do; kexec-tools loads there",
    });
  }
  refuse('live-platform', 'ENOSYS', `${seen}; plan and boot show what an arm64 machine would do`);
}
