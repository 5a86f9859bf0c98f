import type { Check } from '../../base/checks.js';
import type { Errno } from '../../base/errno.js';

/** One of the causes for which a check ends in an errno. */
export interface ErrnoCause {
  readonly cause: string;
  readonly cure: string;
  /** The security module behind it, by its name in /sys/kernel/security/lsm. */
  readonly module?: string;
}

/** For a kernel that has kexec_load(2) alone, as those of Debian for arm64 have. */
const NO_CALL_LEFT =
  'a kernel without CONFIG_KEXEC_FILE has no call left: systemctl reboot, or switch Secure Boot off if that shuts it';

/** How the log names the cause. */
const EXPLAIN_LOG = 'journalctl -k | kexec-file explain --log -';

/**
 * The causes of checks that the kernel answers with one errno for several reasons. Sources: `kexec_load_permitted()`,
 * `security_kernel_load_data()`, `security_kernel_read_file()` and their hooks, `ima_load_data()`, seccomp(2).
 */
const CAUSES: Partial<Record<Check, Partial<Record<Errno, readonly ErrnoCause[]>>>> = {
  'live-permission': {
    EPERM: [
      {
        cause: 'the caller lacks CAP_SYS_BOOT in the initial user namespace',
        cure: 'run it as root of the machine (sudo), outside of containers; for a service, CapabilityBoundingSet= must keep it',
      },
      {
        cause: 'kernel.kexec_load_disabled is 1',
        cure: 'it cannot be set back: remove it from what sets it (/etc/sysctl.conf, /etc/sysctl.d), and reboot',
      },
      {
        cause: 'kernel.kexec_load_limit_reboot or kernel.kexec_load_limit_panic is 0 (Linux 6.3 and later)',
        cure: 'it can only be lowered: remove it from what sets it, and reboot',
      },
      {
        cause: 'a seccomp filter, of a container or a service, refuses the call',
        cure: 'run it outside of the container; for a service, SystemCallFilter=@reboot',
      },
    ],
  },
  'security-module': {
    EPERM: [
      {
        module: 'selinux',
        cause: 'SELinux denies the domain of the caller the capability sys_boot',
        cure: 'ausearch -m avc -c kexec | kexec-file explain --log -; audit2allow, or semanage permissive -a DOMAIN',
      },
      {
        module: 'apparmor',
        cause: "the caller's AppArmor profile does not have the capability sys_boot",
        cure: `${EXPLAIN_LOG}; add "capability sys_boot," to the profile, or aa-complain PROFILE`,
      },
      {
        module: 'loadpin',
        cause:
          'LoadPin refuses files of another file system than the first that was loaded, and every kexec_load',
        cure: 'put kernel and initrd on the pinned file system, and load by kexec_file_load (--syscall file)',
      },
    ],
    EACCES: [
      {
        module: 'selinux',
        cause:
          'SELinux denies kexec_image_load or kexec_initramfs_load (Linux 6.15 and later), lockdown { integrity } (Linux 5.6 to ' +
          '5.16), or to read the file',
        cure:
          'ausearch -m avc -c kexec | kexec-file explain --log -; restorecon the files; audit2allow, or semanage permissive -a ' +
          'DOMAIN',
      },
      {
        module: 'apparmor',
        cause: "the caller's AppArmor profile does not let it read the kernel or the initrd",
        cure: `${EXPLAIN_LOG}; add the files to the profile, or aa-complain PROFILE`,
      },
      {
        module: 'ipe',
        cause: "IPE's policy denies KEXEC_IMAGE or KEXEC_INITRAMFS for the file (Linux 6.12 and later)",
        cure: `${EXPLAIN_LOG}; load from a verified file system (dm-verity, fs-verity), or extend the policy`,
      },
    ],
  },
  'ima-appraisal': {
    EACCES: [
      {
        cause: 'kexec_file_load: kernel or initrd lacks a valid signature that a rule of the policy demands',
        cure: 'sign them (kexec-file sign --ima), by a key on the keyring .ima; the log names file and reason (INTEGRITY_DATA)',
      },
      {
        cause:
          'kexec_load: the policy appraises kernels, as it may under Secure Boot, and this call has no file that IMA could verify; ' +
          'IMA is asked before lockdown',
        cure: `load by kexec_file_load (--syscall file; kexec-tools: -s); ${NO_CALL_LEFT}`,
      },
    ],
  },
  lockdown: {
    EPERM: [
      {
        cause: 'kexec_load: a locked-down kernel refuses it always',
        cure: `load a signed kernel by kexec_file_load (--syscall file; kexec-tools: -s); ${NO_CALL_LEFT}`,
      },
      {
        cause: 'kexec_file_load: the kernel is locked down, and the signature does not hold',
        cure: 'kexec-file verify KERNEL prints the signer; sign by a key that the kernel trusts (mokutil --import)',
      },
    ],
  },
  'running-call': {
    ENOSYS: [
      {
        cause:
          'the running kernel is built without CONFIG_KEXEC_FILE (as those of Debian for arm64 are), or without CONFIG_KEXEC',
        cure: 'load by the other system call: --syscall segments, or file (kexec-tools: without -s, or with it)',
      },
      {
        cause: 'a seccomp filter, of a container, answers so',
        cure: 'run it on the machine itself, outside of the container',
      },
      {
        cause: 'the program runs under the emulation of qemu-user, or in gVisor, which lack the call',
        cure: 'run it on the machine itself, or in a virtual machine',
      },
    ],
  },
  'running-cpus': {
    EBUSY: [
      {
        cause: 'the firmware gives no way to switch CPUs off: no PSCI, and another enable-method without one',
        cure: 'boot with firmware that has PSCI, or boot the running kernel with nr_cpus=1',
      },
      {
        cause: 'a CPU is stuck in the kernel since boot ("is stuck in kernel" in the log)',
        cure: `${EXPLAIN_LOG}; leave that CPU out: nr_cpus= on the command line`,
      },
    ],
  },
};

/**
 * The causes for which a check ends in an errno; empty if the check itself says all.
 *
 * @param modules - the active security modules, if they are known: causes of others are left out
 */
export function findErrnoCauses(
  check: Check,
  errno: Errno,
  modules?: readonly string[],
): readonly ErrnoCause[] {
  const causes = CAUSES[check]?.[errno] ?? [];
  return causes.filter(({ module }) => module === undefined || modules?.includes(module) !== false);
}
