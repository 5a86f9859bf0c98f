import { refuse } from '../../../base/error.js';
import { EM_AARCH64, EM_X86_64 } from '../../../formats/elf/format.js';
import type { Machine } from '../../../machine/machine-value.js';
import { findHostArchitecture, type Host } from '../../collect/host-architecture.js';

/** The system calls that this project makes. */
export type SystemCall = 'sync' | 'kexec_load' | 'reboot' | 'memfd_create' | 'kexec_file_load';

/** What an architecture decides about the system calls. */
export interface Abi {
  /** The numbers of the system calls. */
  readonly numbers: Readonly<Record<SystemCall, number>>;
  /** `KEXEC_ARCH_*`, which kexec_load(2) takes among its flags: `e_machine` of ELF in the upper half. */
  readonly kexecArch: number;
}

/** `include/uapi/asm-generic/unistd.h` and `arch/x86/entry/syscalls/syscall_64.tbl`. */
const ABIS: Readonly<Record<Machine['architecture'], Abi>> = {
  arm64: {
    numbers: { sync: 81, kexec_load: 104, reboot: 142, memfd_create: 279, kexec_file_load: 294 },
    kexecArch: EM_AARCH64 << 16,
  },
  x86_64: {
    numbers: { sync: 162, kexec_load: 246, reboot: 169, memfd_create: 319, kexec_file_load: 320 },
    kexecArch: EM_X86_64 << 16,
  },
};

/**
 * Finds how this system is called.
 *
 * @throws KexecError `ENOSYS`, check `live-platform`, on other systems than Linux on arm64 and x86_64.
 */
export function requireAbi(host: Host = process): Abi {
  const architecture = findHostArchitecture(host);
  if (architecture !== undefined) return ABIS[architecture];
  refuse('live-platform', 'ENOSYS', `this is Node for ${host.platform} on ${host.arch}`);
}
