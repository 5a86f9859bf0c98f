import type { CheckTable } from './rule.js';

/** Capture initrds, and the rehearsal of a crash. */
export const CAPTURE_CHECKS = {
  'capture-target': {
    rule: 'the target of a dump is label=NAME[:/PATH], dev=/dev/…[:/PATH], 9p=TAG[:/PATH] or raw=/dev/…',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'give --save one of these forms; blkid prints the labels of file systems',
  },
  'capture-busybox': {
    rule: 'an initrd needs a statically linked busybox for the CPU of its kernel, arm64 or x86_64',
    source: 'kexec-file',
    errnos: ['ENOENT', 'ENOEXEC'],
    cure: "give --busybox the program of Debian's package busybox-static (apt-get download busybox-static:arm64, or :amd64; dpkg-deb -x)",
  },
  'kernel-module': {
    rule: 'a kernel module is an ELF object for the CPU of its kernel with a .modinfo section, and its dependencies are in the folder or built in',
    source: 'modpost, Documentation/kbuild/modules.rst',
    errnos: ['ENOENT', 'ENOEXEC'],
    cure: "give --modules the whole folder of the capture kernel's release: /lib/modules/RELEASE",
  },
  'crash-hotplug': {
    rule: 'a kernel that updates the elfcorehdr of the loaded crash kernel after hotplug says 1 in /sys/devices/system/cpu/crash_hotplug',
    source: 'Documentation/ABI/testing/sysfs-devices-system-cpu, arch_crash_hotplug_support()',
    errnos: ['EOPNOTSUPP'],
    cure: 'leave out --hotplug, and load again after each hotplug: a udev rule for the subsystems cpu and memory can do so',
  },
  rehearsal: {
    rule: 'the host has room for the crash region of the machine, and for a kernel beside it',
    source: 'kexec-file',
    errnos: ['ENOMEM'],
    cure: 'rehearse on a host with more free memory and disk, or rehearse a smaller machine: --memory 2G --crashkernel 256M',
  },
} as const satisfies CheckTable;
