import type { CheckTable } from './rule.js';

/** Saving a dump, and rehearsing it. */
export const CAPTURE_CHECKS = {
  'capture-target': {
    rule: 'a dump is saved to label=NAME[:/PATH], dev=/dev/…[:/PATH], 9p=TAG[:/PATH] or raw=/dev/…',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'give --save one of these; blkid tells the labels of file systems',
  },
  'capture-busybox': {
    rule: 'a capture initrd runs on a busybox for arm64 that is linked statically',
    source: 'kexec-file',
    errnos: ['ENOENT', 'ENOEXEC'],
    cure: "give --busybox that of Debian's package busybox-static (apt-get download busybox-static:arm64; dpkg-deb -x)",
  },
  'kernel-module': {
    rule: 'a kernel module is an arm64 ELF object with a .modinfo, and what it depends on is there or built in',
    source: 'modpost, Documentation/kbuild/modules.rst',
    errnos: ['ENOENT', 'ENOEXEC'],
    cure: "give --modules the whole folder of the capture kernel's release: /lib/modules/RELEASE",
  },
  'crash-hotplug': {
    rule: 'a kernel that follows CPUs and memory that come and go says 1 in /sys/devices/system/cpu/crash_hotplug',
    source: 'Documentation/ABI/testing/sysfs-devices-system-cpu, arch_crash_hotplug_support()',
    errnos: ['EOPNOTSUPP'],
    cure: 'leave --hotplug out, and load again whenever one did, by a udev rule for the subsystems cpu and memory',
  },
  rehearsal: {
    rule: 'a rehearsal has room for the crash region of the machine, and a kernel beside it',
    source: 'kexec-file',
    errnos: ['ENOMEM'],
    cure: 'rehearse on a host with more free memory and disk, or with less: --memory 2G --crashkernel 256M',
  },
} as const satisfies CheckTable;
