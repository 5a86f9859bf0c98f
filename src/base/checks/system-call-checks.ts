import type { CheckTable } from './rule.js';

/** What decides on the machine itself, whatever is loaded. */
export const SYSTEM_CALL_CHECKS = {
  'live-permission': {
    rule: 'the caller has CAP_SYS_BOOT, kernel.kexec_load_disabled is 0, and kexec_load_limit_* leaves a load',
    source: 'kexec_load_permitted()',
    errnos: ['EPERM'],
    cure:
      'run it as root, outside of containers; where kernel.kexec_load_disabled is 1 or the limit is used up, reboot: ' +
      'neither can be taken back',
  },
  'running-call': {
    rule: 'the running kernel has the system call, and no filter hides it',
    source: 'CONFIG_KEXEC_FILE, CONFIG_KEXEC; seccomp(2)',
    errnos: ['ENOSYS'],
    cure:
      'where there is no CONFIG_KEXEC_FILE, load by kexec_load (--syscall auto does so, kexec-tools: without -s); run a ' +
      'kernel with CONFIG_KEXEC_FILE=y or CONFIG_KEXEC=y, outside of containers that filter system calls',
  },
  'running-lock': {
    rule: 'no other call of kexec is under way',
    source: 'kexec_trylock()',
    errnos: ['EBUSY'],
    cure: 'try again when the other load is done (systemctl status kdump-tools kdump kexec-load)',
  },
  'running-cpus': {
    rule: 'no CPU is stuck in the kernel: every one can be taken down, by PSCI or its own method',
    source: 'machine_kexec_prepare(), cpus_are_stuck_in_kernel()',
    errnos: ['EBUSY'],
    cure:
      'boot a firmware that has PSCI (enable-method "psci" in the device tree), or the running kernel with nr_cpus=1; ' +
      'kexec-file doctor looks at the CPUs',
  },
  'running-memory': {
    rule: 'the kernel has memory for the files, and for the pages that it needs to copy them',
    source: 'kimage_alloc_control_pages(), kernel_read_file()',
    errnos: ['ENOMEM'],
    cure: 'free memory (stop services, sync; echo 3 > /proc/sys/vm/drop_caches), or make the initrd smaller',
  },
  'ima-appraisal': {
    rule: "where IMA's policy appraises kernels, kernel and initrd have a signature of IMA that holds",
    source: 'ima_post_read_file(), ima_load_data()',
    errnos: ['EACCES'],
    cure:
      'sign them (kexec-file sign --ima), and verify that (kexec-file verify --ima-xattr); where appraisal is on, ' +
      'kexec_load is refused whatever it loads',
  },
  'kexec-load': {
    rule: 'the kernel takes the segments',
    source: 'kexec_load(2)',
    errnos: ['EPERM', 'EIO', 'ENOMEM', 'EACCES', 'EFAULT', 'EBUSY', 'EINVAL', 'ENOSYS', 'EADDRNOTAVAIL'],
    cure: 'kexec-file doctor tells what would stop it; kexec-file explain what it can be, by --errno and by the log (dmesg | kexec-file explain --log -)',
  },
  'kexec-file-load': {
    rule: 'the kernel takes the files',
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
    cure: 'kexec-file doctor tells what would stop it; kexec-file explain what it can be, by --errno and by the log (dmesg | kexec-file explain --log -)',
  },
  reboot: {
    rule: 'the kernel enters the loaded one',
    source: 'reboot(2)',
    errnos: ['EPERM', 'EIO', 'EBUSY', 'EINVAL'],
    cure: 'load a kernel, and execute it as root; the log of the kernel (dmesg) tells more',
  },
} as const satisfies CheckTable;
