import type { CheckTable } from './rule.js';

/** What the running kernel decides, whatever is loaded. */
export const SYSTEM_CALL_CHECKS = {
  'live-permission': {
    rule: 'the caller has CAP_SYS_BOOT, kernel.kexec_load_disabled is 0, and kexec_load_limit_* allows another load',
    source: 'kexec_load_permitted()',
    errnos: ['EPERM'],
    cure:
      'run it as root, outside of containers; if kernel.kexec_load_disabled is 1 or the limit is used up, reboot: ' +
      'neither can be undone',
  },
  'running-call': {
    rule: 'the running kernel has the system call, and no filter hides it',
    source: 'CONFIG_KEXEC_FILE, CONFIG_KEXEC; seccomp(2)',
    errnos: ['ENOSYS'],
    cure:
      'without CONFIG_KEXEC_FILE, load by kexec_load (--syscall auto does so; kexec-tools: without -s); otherwise run a ' +
      'kernel with CONFIG_KEXEC_FILE=y or CONFIG_KEXEC=y, outside of containers that filter system calls',
  },
  'crash-file-load': {
    rule: 'kexec_file_load of the running kernel takes crash kernels: on arm64, since Linux 5.6',
    source: 'image_load()',
    errnos: ['EOPNOTSUPP'],
    cure: 'load the crash kernel by kexec_load (--syscall segments), or run Linux 5.6 or later',
  },
  'running-lock': {
    rule: 'no other kexec system call is in progress',
    source: 'kexec_trylock()',
    errnos: ['EBUSY'],
    cure: 'try again after the other load has ended (systemctl status kdump-tools kdump kexec-load)',
  },
  'running-cpus': {
    rule: 'no CPU is stuck in the kernel: each can be switched off, by PSCI or by its own method',
    source: 'machine_kexec_prepare(), cpus_are_stuck_in_kernel()',
    errnos: ['EBUSY'],
    cure:
      'boot with firmware that has PSCI (enable-method "psci" in the device tree), or boot the running kernel with ' +
      'nr_cpus=1; kexec-file doctor examines the CPUs',
  },
  'running-memory': {
    rule: 'the kernel can allocate memory for the files and for the pages that it copies them with',
    source: 'kimage_alloc_control_pages(), kernel_read_file()',
    errnos: ['ENOMEM'],
    cure: 'free memory (stop services; sync; echo 3 > /proc/sys/vm/drop_caches), or use a smaller kernel or initrd',
  },
  'ima-appraisal': {
    rule: "if IMA's policy appraises kernels, kernel and initrd have valid IMA signatures",
    source: 'ima_post_read_file(), ima_load_data()',
    errnos: ['EACCES'],
    cure:
      'sign them (kexec-file sign --ima) and verify the result (kexec-file verify --ima-xattr); with appraisal, the ' +
      'kernel refuses every kexec_load',
  },
  'security-module': {
    rule: 'SELinux, AppArmor, LoadPin or IPE allows the caller to load a kernel, and to read the files',
    source: 'security_kernel_read_file(), security_kernel_load_data(), security_capable()',
    errnos: ['EPERM', 'EACCES'],
    cure:
      'search the log for the denial, and let kexec-file explain it (ausearch -m avc -c kexec | kexec-file explain --log -; ' +
      'journalctl -k | kexec-file explain --log -): for SELinux, restorecon the files or extend the policy (audit2allow); for ' +
      'AppArmor, extend the profile or set it to complain (aa-complain)',
  },
  'kexec-load': {
    rule: 'the kernel accepts the segments',
    source: 'kexec_load(2)',
    errnos: ['EPERM', 'EIO', 'ENOMEM', 'EACCES', 'EFAULT', 'EBUSY', 'EINVAL', 'ENOSYS', 'EADDRNOTAVAIL'],
    cure: 'run kexec-file doctor to find what stops it; kexec-file explain lists the causes, by --errno and by the log (dmesg | kexec-file explain --log -)',
  },
  'kexec-file-load': {
    rule: 'the kernel accepts the files',
    source: 'kexec_file_load(2)',
    errnos: [
      'EPERM',
      'ENOENT',
      'EINTR',
      'EIO',
      'ENOEXEC',
      'EBADF',
      'ENOMEM',
      'EACCES',
      'EFAULT',
      'EBUSY',
      'EINVAL',
      'ETXTBSY',
      'EFBIG',
      'ENOSYS',
      'ENODATA',
      'ENOPKG',
      'EBADMSG',
      'EOVERFLOW',
      'ELIBBAD',
      'EMSGSIZE',
      'EOPNOTSUPP',
      'EADDRNOTAVAIL',
      'ENOKEY',
      'EKEYREJECTED',
      'ENOTSUPP',
    ],
    cure: 'run kexec-file doctor to find what stops it; kexec-file explain lists the causes, by --errno and by the log (dmesg | kexec-file explain --log -)',
  },
  reboot: {
    rule: 'reboot(2) enters the loaded kernel',
    source: 'reboot(2)',
    errnos: ['EPERM', 'EIO', 'EBUSY', 'EINVAL'],
    cure: 'load a kernel and execute it as root; the log of the running kernel (dmesg) says more',
  },
} as const satisfies CheckTable;
